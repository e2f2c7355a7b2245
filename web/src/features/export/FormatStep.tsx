import { MultiSelect, Radio, SegmentedControl } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";

import { attributesQuery } from "../../api/queries";
import { Card } from "../../ui/Card";
import { ErrorNotice } from "../../ui/ErrorNotice";
import classes from "../../ui/form.module.css";
import { formats, importsAgain } from "./choices";
import type { StepProps } from "./useChoices";

export function FormatStep({ choices, change }: StepProps) {
  return (
    <Card title="Choose what is written" step={2}>
      <div className={classes.options}>
        <Radio.Group aria-label="Columns" value={choices.columns} onChange={(columns) => change({ columns: columns })}>
          <div className={classes.radios}>
            <Radio
              value="importable"
              label="Everything that an import takes"
              description="For a copy, a move or a backup: the file can be imported again as it is. Columns that nobody has a value in are left out."
            />
            <Radio value="chosen" label="Chosen attributes" description="For a report or another system, in the order in which they are chosen." />
          </div>
        </Radio.Group>
        {choices.columns === "chosen" && (
          <div className={classes.nested}>
            <Attributes choices={choices} change={change} />
          </div>
        )}
        <div>
          <div className={classes.legend} id="format">
            Format
          </div>
          <SegmentedControl
            aria-labelledby="format"
            data={(["csv", "xlsx", "ndjson"] as const).map((value) => ({ value, label: formats[value].name }))}
            value={choices.format}
            onChange={(format) => change({ format: format })}
          />
          <p className={classes.note}>
            {formats[choices.format].hint} {importsAgain(choices) ? "It can be imported again." : "Without the username it cannot be imported again."}
          </p>
        </div>
      </div>
    </Card>
  );
}

function Attributes({ choices, change }: StepProps) {
  const { data = [], error, isPending, refetch } = useQuery(attributesQuery);
  return (
    <>
      {error && <ErrorNotice what="The attributes could not be loaded" error={error} retry={() => void refetch()} />}
      <MultiSelect
        label="Attributes"
        placeholder={isPending ? "Loading…" : "Add an attribute"}
        data={data.map(({ path, name }) => ({ value: path, label: name && name !== path ? `${path} · ${name}` : path }))}
        value={choices.attributes}
        onChange={(attributes) => change({ attributes })}
        searchable
        hidePickedOptions
        clearable
        clearButtonProps={{ "aria-label": "Choose no attributes" }}
        nothingFoundMessage="No such attribute"
        maw={640}
      />
    </>
  );
}
