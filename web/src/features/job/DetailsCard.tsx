import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";

import { Card } from "../../ui/Card";
import classes from "./DetailsCard.module.css";
import type { JobView } from "./jobView";

export function DetailsCard({ view: { job } }: { view: JobView }) {
  return (
    <Card title="About this import">
      <dl className={classes.details}>
        <Detail name="Population">{job.population?.name ?? "named by each row"}</Detail>
        <Detail name="Target">{job.simulator ? "Simulator" : "PingOne"}</Detail>
        {job.environment && (
          <Detail name="Environment">
            <code>{job.environment}</code>
          </Detail>
        )}
        <Detail name="Started">{when(job.started_at ?? job.created_at)}</Detail>
        {job.finished_at && <Detail name="Finished">{when(job.finished_at)}</Detail>}
        {job.retry_of && (
          <Detail name="Retry of">
            <Link to="/jobs/$jobId" params={{ jobId: job.retry_of }}>
              the failed rows of an earlier import
            </Link>
          </Detail>
        )}
        <Detail name="Id">
          <code>{job.id}</code>
        </Detail>
      </dl>
    </Card>
  );
}

function Detail({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function when(iso: string): ReactNode {
  return <time dateTime={iso}>{new Date(iso).toLocaleString("en-US", { dateStyle: "medium", timeStyle: "medium", hour12: false })}</time>;
}
