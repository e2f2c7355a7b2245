import { Checkbox, TextInput } from "@mantine/core";

import { Card } from "../../ui/Card";
import classes from "../../ui/form.module.css";
import { PopulationSelect } from "../populations/PopulationSelect";
import { MatchBySelect } from "../upload/MatchBySelect";
import { mayCreate } from "./choices";
import type { ModifyFlow } from "./useModifyFlow";

export function OptionsStep({ flow: { choices, change } }: { flow: ModifyFlow }) {
  const creates = choices.createMissing && mayCreate(choices);
  return (
    <Card title="Choose how users are found and changed" step={3}>
      <div className={classes.options}>
        <MatchBySelect value={choices.matchBy} onChange={(matchBy) => change({ matchBy })} />
        <TextInput
          label="Text that clears an attribute (optional)"
          description="A cell with exactly this text empties its attribute, for example “-” or “(none)”. Without it nothing is emptied."
          value={choices.clearMarker}
          onChange={(event) => change({ clearMarker: event.currentTarget.value })}
          autoComplete="off"
          spellCheck={false}
          maw={480}
        />
        <Checkbox
          label="Create users who do not exist"
          description={mayCreate(choices) ? "Otherwise their rows fail." : "Not possible when users are matched by PingOne’s id: only PingOne gives one."}
          checked={creates}
          disabled={!mayCreate(choices)}
          onChange={(event) => change({ createMissing: event.currentTarget.checked })}
        />
        {creates && (
          <div className={classes.nested}>
            <PopulationSelect
              label="Population of new users"
              description="For rows that name none. Users who exist stay where they are, unless their row names another one."
              value={choices.population}
              onChange={(population) => change({ population })}
            />
          </div>
        )}
        <Checkbox
          label="Ignore unknown columns"
          description="Columns that PingOne does not know are left out."
          checked={choices.ignoreUnknown}
          onChange={(event) => change({ ignoreUnknown: event.currentTarget.checked })}
        />
      </div>
    </Card>
  );
}
