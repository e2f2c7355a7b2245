import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";

import { isOver } from "../../api/jobStatus";
import { jobsQuery } from "../../api/queries";
import type { Job } from "../../api/types";
import { ago, count, percent } from "../../lib/format";
import { Card } from "../../ui/Card";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { useNow } from "../job/useNow";
import classes from "./JobsCard.module.css";
import { StatusText } from "./StatusPill";

/** The newest imports, whoever started them and from wherever. */
export function JobsCard({ current }: { current?: string }) {
  const { data, error, refetch } = useQuery(jobsQuery);
  const now = useNow(true, 30_000);
  return (
    <Card title="Recent imports">
      {error && !data && <ErrorNotice what="The list could not be loaded" error={error} retry={() => void refetch()} />}
      {data?.length === 0 && <p className={classes.empty}>None yet. The first one shows up here and stays here after a restart.</p>}
      {data && data.length > 0 && (
        <ul className={classes.list}>
          {data.map((job) => (
            <li key={job.id}>
              <Item job={job} now={now} current={job.id === current} />
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}

function Item({ job, now, current }: { job: Job; now: number; current: boolean }) {
  return (
    <Link to="/jobs/$jobId" params={{ jobId: job.id }} className={classes.item} aria-current={current ? "page" : undefined}>
      <span className={classes.file}>{job.file}</span>
      <span className={classes.when}>{ago(job.created_at, now)}</span>
      <span className={classes.state}>
        <StatusText status={job.status} />
        <span className={classes.counts}>{countsText(job)}</span>
      </span>
    </Link>
  );
}

function countsText(job: Job): string {
  if (!isOver(job.status)) return `${percent(job.processed, job.total)} % of ${count(job.total)} rows`;
  const parts = [`${count(job.created)} ${job.dry_run ? "would be created" : "created"}`];
  if (job.skipped > 0) parts.push(`${count(job.skipped)} skipped`);
  if (job.failed > 0) parts.push(`${count(job.failed)} failed`);
  return parts.join(", ");
}
