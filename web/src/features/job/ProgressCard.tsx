import { isOver } from "../../api/jobStatus";
import type { JobStatus } from "../../api/types";
import { count, duration, percent, plural, rate, remaining } from "../../lib/format";
import { Card } from "../../ui/Card";
import { useReached } from "../status/useReached";
import { Controls } from "./Controls";
import { Counters } from "./Counters";
import { elapsed, type JobView } from "./jobView";
import { kinds } from "./kinds";
import classes from "./ProgressCard.module.css";
import { ProgressBar } from "./ProgressBar";
import { statusText } from "./summary";
import { useNow } from "./useNow";

export function ProgressCard({ view }: { view: JobView }) {
  const { counts, status, job } = view;
  const done = percent(counts.processed, counts.total);
  const over = isOver(status);
  const { row } = kinds[job.kind];
  return (
    <Card title="Progress" aside={!over && <Controls job={job} status={status} />}>
      <div className={classes.headline}>
        <span className={classes.percent}>{done} %</span>
        <span className={classes.rows}>
          <strong data-testid="processed">{count(counts.processed)}</strong>{" "}
          {counts.total > 0 || over ? `of ${plural(counts.total, row)}` : `${row}s; they are still being counted`}
        </span>
        <Times view={view} />
      </div>
      <ProgressBar job={job} counts={counts} active={status === "running"} />
      <Counters view={view} />
      <span className="visually-hidden" role="status">
        {announcement(status, done)}
      </span>
    </Card>
  );
}

function Times({ view }: { view: JobView }) {
  const { counts, status } = view;
  const now = useNow(status === "running" || status === "cancelling");
  // How fast it goes, and until when, is not known while nobody tells.
  const told = useReached() && status === "running";
  return (
    <dl className={classes.times}>
      {told && counts.rate !== null && (
        <div>
          <dt>Rate</dt>
          <dd>{rate(counts.rate)}</dd>
        </div>
      )}
      {told && counts.remaining_seconds !== null && (
        <div>
          <dt>Remaining</dt>
          <dd>{remaining(counts.remaining_seconds)}</dd>
        </div>
      )}
      <div>
        <dt>{isOver(status) ? "Took" : "Elapsed"}</dt>
        <dd>{duration(elapsed(view, now))}</dd>
      </div>
    </dl>
  );
}

/** Said aloud: each change of the status, and every tenth percent. */
function announcement(status: JobStatus, done: number): string {
  return status === "running" ? `Running, ${Math.floor(done / 10) * 10} percent` : statusText(status);
}
