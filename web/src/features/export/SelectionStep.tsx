import { Radio } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";

import { populationsQuery } from "../../api/queries";
import { plural } from "../../lib/format";
import { Card } from "../../ui/Card";
import classes from "../../ui/form.module.css";
import { FilterField } from "../populations/FilterField";
import { PopulationSelect } from "../populations/PopulationSelect";
import { totalUsers } from "../populations/totals";
import type { StepProps } from "./useChoices";

export function SelectionStep({ choices, change, refusal }: StepProps & { refusal: string | undefined }) {
  const { data: populations } = useQuery(populationsQuery);
  const total = totalUsers(populations);
  return (
    <Card title="Choose the users" step={1}>
      <div className={classes.options}>
        <Radio.Group aria-label="Which users" value={choices.scope} onChange={(scope) => change({ scope: scope })}>
          <div className={classes.radios}>
            <Radio value="everybody" label="All users of the environment" description={total === null ? undefined : plural(total, "user")} />
            <Radio value="population" label="The users of one population" />
          </div>
        </Radio.Group>
        {choices.scope === "population" && (
          <div className={classes.nested}>
            <PopulationSelect label="Population" value={choices.population} onChange={(population) => change({ population })} />
          </div>
        )}
        <FilterField label="Only those who match a filter (optional)" value={choices.filter} onChange={(filter) => change({ filter })} error={refusal} />
      </div>
    </Card>
  );
}
