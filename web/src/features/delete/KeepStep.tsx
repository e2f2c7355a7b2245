import { Checkbox } from "@mantine/core";

import { Card } from "../../ui/Card";
import classes from "../../ui/form.module.css";
import { emptiesPopulation } from "./choices";
import { ProtectField } from "./ProtectField";
import type { DeleteFlow } from "./useDeleteFlow";

export function KeepStep({ flow: { choices, change }, step }: { flow: DeleteFlow; step: number }) {
  return (
    <Card title="Choose what is kept" step={step}>
      <div className={classes.options}>
        <ProtectField value={choices.protect} onChange={(protect) => change({ protect })} />
        <Checkbox
          label="Make a backup first"
          description="The users are exported before the first one is deleted. The backup can be imported again, without passwords."
          checked={choices.backup}
          onChange={(event) => change({ backup: event.currentTarget.checked })}
        />
        {emptiesPopulation(choices) && (
          <Checkbox
            label="Delete the population, too"
            description="At the end, if nobody is left in it. Somebody who is protected keeps it."
            checked={choices.deletePopulation}
            onChange={(event) => change({ deletePopulation: event.currentTarget.checked })}
          />
        )}
      </div>
    </Card>
  );
}
