import { isOver } from "../../api/jobStatus";
import type { JobStatus } from "../../api/types";
import { count, duration, percent, rate, remaining } from "../../lib/format";
import { Card } from "../../ui/Card";
import { Controls } from "./Controls";
import { Counters } from "./Counters";
import { elapsed, type JobView, statusText } from "./jobView";
import classes from "./ProgressCard.module.css";
import { ProgressBar } from "./ProgressBar";
import { useNow } from "./useNow";

export function ProgressCard({ view }: { view: JobView }) {
  const { counts, status, job } = view;
  const done = percent(counts.processed, counts.total);
  const over = isOver(status);
  return (
    <Card title="Progress" aside={!over && <Controls id={job.id} status={status} />}>
      <div className={classes.headline}>
        <span className={classes.percent}>{done} %</span>
        <span className={classes.rows}>
          <strong data-testid="processed">{count(counts.processed)}</strong>{" "}
          {counts.total > 0 || over ? `of ${count(counts.total)} rows` : "rows; the file is still being counted"}
        </span>
        <Times view={view} />
      </div>
      <ProgressBar counts={counts} active={status === "running"} />
      <Counters counts={counts} />
      <span className="visually-hidden" role="status">
        {announcement(status, done)}
      </span>
    </Card>
  );
}

function Times({ view }: { view: JobView }) {
  const { counts, status } = view;
  const now = useNow(status === "running" || status === "cancelling");
  const running = status === "running";
  return (
    <dl className={classes.times}>
      {running && counts.rate !== null && (
        <div>
          <dt>Rate</dt>
          <dd>{rate(counts.rate)}</dd>
        </div>
      )}
      {running && counts.remaining_seconds !== null && (
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
