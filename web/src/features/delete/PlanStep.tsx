import { Button } from "@mantine/core";

import { percent } from "../../lib/format";
import { Card } from "../../ui/Card";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { ListIcon } from "../../ui/icons";
import { Requirements } from "../../ui/Requirements";
import classes from "../../ui/steps.module.css";
import { Where } from "../job/Where";
import { requirements } from "./choices";
import type { DeleteFlow } from "./useDeleteFlow";

export function PlanStep({ flow, step }: { flow: DeleteFlow; step: number }) {
  const { choices, plan, upload, reading } = flow;
  const list = requirements(choices, upload.chosen ? reading.preview.data : undefined);
  const reads = choices.source === "file" && (reading.preview.isFetching || reading.preview.isError);
  const sending = plan.isPending && choices.source === "file";
  return (
    <Card title="Plan the deletion" step={step}>
      {list.length > 0 && <Requirements list={list} />}
      {plan.error && <ErrorNotice what="The deletion was not planned" error={plan.error} retry={plan.start} />}
      <div className={classes.bar}>
        <Button size="md" leftSection={<ListIcon />} disabled={reads || !list.every(({ met }) => met)} loading={plan.isPending} onClick={plan.start}>
          Plan the deletion
        </Button>
        <span className={classes.target} aria-live="polite">
          {sending ? (
            `Sending the file, ${percent(plan.sent, 1)} %`
          ) : (
            <>
              Finds each user in <Where />, counts them, and deletes nobody.
            </>
          )}
        </span>
      </div>
    </Card>
  );
}
