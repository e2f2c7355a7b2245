import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";

import { connectionQuery } from "../../api/queries";
import { percent } from "../../lib/format";
import { Card } from "../../ui/Card";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { CheckCircleIcon, PlayIcon, WarningIcon } from "../../ui/icons";
import { caveat, requirements, startLabel } from "./readiness";
import classes from "./StartStep.module.css";
import type { ImportFlow } from "./useImportFlow";

export function StartStep({ flow }: { flow: ImportFlow }) {
  const { preview, choices, start } = flow;
  const list = requirements(preview.data, choices);
  const ready = list.every(({ met }) => met) && !preview.isFetching && !preview.isError;
  const note = preview.data && caveat(preview.data);
  return (
    <Card title="Start" step={4}>
      <ul className={classes.list} aria-label="What is needed">
        {list.map(({ label, met, advice }) => (
          <li key={label} data-met={met}>
            {met ? <CheckCircleIcon size={16} /> : <WarningIcon size={16} />}
            <span>
              {label}
              {!met && <span className={classes.advice}>{advice && ` – ${advice}`}</span>}
              <span className="visually-hidden">{met ? " (done)" : " (not yet)"}</span>
            </span>
          </li>
        ))}
      </ul>
      {note && <p className={classes.note}>{note}</p>}
      {start.isError && <ErrorNotice what="The import was not started" error={start.error} retry={() => start.mutate()} />}
      <div className={classes.bar}>
        <Button size="md" leftSection={<PlayIcon />} disabled={!ready} loading={start.isPending} onClick={() => start.mutate()}>
          {startLabel(preview.data, choices.dryRun)}
        </Button>
        <span className={classes.target} aria-live="polite">
          {start.isPending ? `Sending the file, ${percent(start.sent, 1)} %` : <Target flow={flow} />}
        </span>
      </div>
    </Card>
  );
}

/** Says once more where the users go, beside the button that sends them there. */
function Target({ flow }: { flow: ImportFlow }) {
  const { data: connection } = useQuery(connectionQuery);
  const population = flow.populations.data?.find(({ id }) => id === flow.choices.population);
  if (!connection || !population) return null;
  const where = connection.simulator ? "the simulator" : `PingOne ${connection.region ?? connection.api_host}`;
  return (
    <>
      {flow.choices.dryRun ? "Writes nothing. Checked for" : "Into"} <strong>{population.name}</strong> of {where}
    </>
  );
}
