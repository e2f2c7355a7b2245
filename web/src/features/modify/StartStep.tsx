import { Card } from "../../ui/Card";
import { CheckIcon, PencilIcon } from "../../ui/icons";
import { Requirements } from "../../ui/Requirements";
import classes from "../../ui/steps.module.css";
import { Where } from "../job/Where";
import { OthersRun } from "../jobs/OthersRun";
import { caveat } from "../upload/columns";
import { StartBar } from "../upload/StartBar";
import { requirements, startLabel } from "./choices";
import type { ModifyFlow } from "./useModifyFlow";

export function StartStep({ flow: { choices, trial, start, reading } }: { flow: ModifyFlow }) {
  const { preview } = reading;
  const list = requirements(preview.data, choices);
  const ready = list.every(({ met }) => met) && !preview.isFetching && !preview.isError;
  const note = preview.data && caveat(preview.data, "used");
  return (
    <Card title="Try it out, then modify" step={4}>
      <Requirements list={list} />
      {note && <p className={classes.note}>{note}</p>}
      <OthersRun />
      <StartBar
        {...{ ready, trial, start, hasFile: true }}
        label={startLabel(preview.data)}
        icon={<PencilIcon />}
        trialLabel="Try it out"
        trialIcon={<CheckIcon />}
        refusal="The modification was not started"
      >
        In <Where />. Trying it out looks each user up, counts who would change, and writes nothing.
      </StartBar>
    </Card>
  );
}
