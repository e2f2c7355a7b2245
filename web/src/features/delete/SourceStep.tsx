import { Radio } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";

import { asApiError } from "../../api/problem";
import { populationsQuery } from "../../api/queries";
import { plural } from "../../lib/format";
import { Card } from "../../ui/Card";
import classes from "../../ui/form.module.css";
import { Notice } from "../../ui/Notice";
import { FilterField } from "../populations/FilterField";
import { PopulationSelect } from "../populations/PopulationSelect";
import { totalUsers } from "../populations/totals";
import { FileField } from "../upload/FileStep";
import { MatchBySelect } from "../upload/MatchBySelect";
import type { Source } from "./choices";
import type { DeleteFlow } from "./useDeleteFlow";

const sources: { value: Source; label: string; description: string }[] = [
  { value: "file", label: "The users of a file", description: "For example a list of leavers." },
  { value: "population", label: "The users of one population", description: "All of them, or those who match a filter." },
  { value: "filter", label: "The users who match a filter", description: "In any population." },
  { value: "everybody", label: "Every user of the environment", description: "Administrators of this environment included." },
];

export function SourceStep({ flow: { choices, change, ...flow } }: { flow: DeleteFlow }) {
  return (
    <Card title="Choose who is deleted" step={1}>
      <div className={classes.options}>
        <Radio.Group aria-label="Who is deleted" value={choices.source} onChange={(source) => change({ source })}>
          <div className={classes.radios}>
            {sources.map((source) => (
              <Radio key={source.value} {...source} />
            ))}
          </div>
        </Radio.Group>
        <div className={classes.nested}>
          <Chosen flow={{ choices, change, ...flow }} />
        </div>
      </div>
    </Card>
  );
}

function Chosen({ flow: { choices, change, upload, plan } }: { flow: DeleteFlow }) {
  const error = plan.error ? asApiError(plan.error) : null;
  const refusal = error?.code === "invalid_filter" ? error.message : undefined;
  switch (choices.source) {
    case "file":
      return (
        <>
          <FileField upload={upload} hint="One column names the users; all others are left aside, so a file of an import will do." />
          <MatchBySelect value={choices.matchBy} onChange={(matchBy) => change({ matchBy })} />
        </>
      );
    case "population":
      return (
        <>
          <PopulationSelect label="Population" value={choices.population} onChange={(population) => change({ population })} />
          <FilterField label="Only those who match a filter (optional)" value={choices.narrowed} onChange={(narrowed) => change({ narrowed })} error={refusal} />
        </>
      );
    case "filter":
      return <FilterField label="Filter" value={choices.filter} onChange={(filter) => change({ filter })} error={refusal} required />;
    case "everybody":
      return <Everybody />;
  }
}

function Everybody() {
  const { data } = useQuery(populationsQuery);
  const total = totalUsers(data);
  return (
    <Notice tone="bad" title={total === null ? "This empties the environment" : `This empties the environment of its ${plural(total, "user")}`}>
      Populations, groups and applications stay. Protect the users who administer the environment in the next step, or nobody may
      be left to sign in to it.
    </Notice>
  );
}
