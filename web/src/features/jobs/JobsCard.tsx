import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";

import { jobsQuery } from "../../api/queries";
import type { Job } from "../../api/types";
import { ago } from "../../lib/format";
import { Card } from "../../ui/Card";
import { ErrorNotice } from "../../ui/ErrorNotice";
import type { JobView } from "../job/jobView";
import { kinds, nameOf } from "../job/kinds";
import { useNow } from "../job/useNow";
import classes from "./JobsCard.module.css";
import { stateText } from "./stateText";
import { StatusText } from "./StatusPill";
import { withCurrent } from "./withCurrent";

/** The newest jobs, whoever started them and from wherever. */
export function JobsCard({ current }: { current?: JobView }) {
  const { data: listed, error, refetch } = useQuery(jobsQuery);
  const data = listed && withCurrent(listed, current);
  const now = useNow(true, 30_000);
  return (
    <Card title="Recent jobs" aside={<Link to="/jobs">All jobs</Link>}>
      {error && !data && <ErrorNotice what="The list could not be loaded" error={error} retry={() => void refetch()} />}
      {data?.length === 0 && <p className={classes.empty}>None yet. The first one shows up here and stays here after a restart.</p>}
      {data && data.length > 0 && (
        <ul className={classes.list}>
          {data.map((job) => (
            <li key={job.id}>
              <Item job={job} now={now} current={job.id === current?.job.id} />
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}

function Item({ job, now, current }: { job: Job; now: number; current: boolean }) {
  const { icon: Icon } = kinds[job.kind];
  return (
    <Link to="/jobs/$jobId" params={{ jobId: job.id }} className={classes.item} aria-current={current ? "page" : undefined}>
      <span className={classes.file}>
        <Icon size={14} />
        <span className="visually-hidden">{nameOf(job)}: </span>
        <span className={classes.name}>{job.file}</span>
      </span>
      <span className={classes.when}>{ago(job.created_at, now)}</span>
      <span className={classes.state}>
        <StatusText status={job.status} />
        <span className={classes.counts}>{stateText(job)}</span>
      </span>
    </Link>
  );
}
