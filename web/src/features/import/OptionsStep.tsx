import { Checkbox, Select } from "@mantine/core";

import { plural } from "../../lib/format";
import { Card } from "../../ui/Card";
import { ErrorNotice } from "../../ui/ErrorNotice";
import classes from "./OptionsStep.module.css";
import type { ImportFlow } from "./useImportFlow";

export function OptionsStep({ flow }: { flow: ImportFlow }) {
  const { choices, change, populations } = flow;
  const hasOwn = flow.preview.data?.columns.some(({ attribute }) => attribute?.startsWith("population")) ?? false;
  return (
    <Card title="Choose where the users go" step={3}>
      <div className={classes.options}>
        {populations.isError && <ErrorNotice what="The populations could not be loaded" error={populations.error} retry={() => void populations.refetch()} />}
        <Select
          label={hasOwn ? "Population for rows that name none" : "Population"}
          placeholder={populations.isPending ? "Loading…" : "Choose a population"}
          description={hasOwn ? "The file has a population column; a row's own value wins." : undefined}
          data={(populations.data ?? []).map((population) => ({ value: population.id, label: nameOf(population) }))}
          value={choices.population}
          onChange={(population) => change({ population })}
          searchable
          allowDeselect={false}
          nothingFoundMessage="No such population"
          maw={480}
        />
        <Checkbox
          label="Ignore unknown columns"
          description="Columns that PingOne does not know are left out."
          checked={choices.ignoreUnknown}
          onChange={(event) => change({ ignoreUnknown: event.currentTarget.checked })}
        />
        <Checkbox
          label="Dry run"
          description="Checks every row against PingOne's rules and writes nothing."
          checked={choices.dryRun}
          onChange={(event) => change({ dryRun: event.currentTarget.checked })}
        />
      </div>
    </Card>
  );
}

interface Named {
  name: string;
  default: boolean;
  user_count?: number | null | undefined;
}

function nameOf({ name, default: isDefault, user_count: users }: Named): string {
  const notes = [isDefault && "default", typeof users === "number" && plural(users, "user")].filter(Boolean);
  return notes.length > 0 ? `${name} (${notes.join(", ")})` : name;
}
