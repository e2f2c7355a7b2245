import { Card } from "../../ui/Card";
import { CheckIcon, PlayIcon } from "../../ui/icons";
import { Requirements } from "../../ui/Requirements";
import classes from "../../ui/steps.module.css";
import { Where } from "../job/Where";
import { OthersRun } from "../jobs/OthersRun";
import { caveat } from "../upload/columns";
import { StartBar } from "../upload/StartBar";
import { requirements, startLabel } from "./readiness";
import type { ImportFlow } from "./useImportFlow";

export function StartStep({ flow }: { flow: ImportFlow }) {
  const { choices, trial, start } = flow;
  const { preview } = flow.reading;
  const list = requirements(preview.data, choices);
  const ready = list.every(({ met }) => met) && !preview.isFetching && !preview.isError;
  const note = preview.data && caveat(preview.data);
  const population = flow.populations.data?.find(({ id }) => id === choices.population);
  return (
    <Card title="Start" step={4}>
      <Requirements list={list} />
      {note && <p className={classes.note}>{note}</p>}
      <OthersRun />
      <StartBar
        {...{ ready, trial, start, hasFile: true }}
        label={startLabel(preview.data)}
        icon={<PlayIcon />}
        trialLabel="Try it out"
        trialIcon={<CheckIcon />}
        refusal="The import was not started"
      >
        {population && (
          <>
            Into <strong>{population.name}</strong> of <Where />. Trying it out writes nothing.
          </>
        )}
      </StartBar>
    </Card>
  );
}
