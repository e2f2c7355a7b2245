import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";

import { isOver } from "../../api/jobStatus";
import { jobsQuery } from "../../api/queries";
import type { Job } from "../../api/types";
import { Notice } from "../../ui/Notice";
import { rivals } from "./rivals";

/** Warns that another job changes the same users, whichever of the two is looked at. */
export function SameUsers({ job }: { job: Job }) {
  const { data: jobs = [] } = useQuery(jobsQuery);
  const others = rivals(job, jobs);
  if (others.length === 0) return null;
  const over = isOver(job.status);
  return (
    <Notice tone="warn" title={over ? "Another job changed the same users meanwhile" : "Another job changes the same users"} role="status">
      {others.map(({ message, other_job: other }) => (
        <p key={other}>
          {message}{" "}
          {other && (
            <Link to="/jobs/$jobId" params={{ jobId: other }}>
              Open that job
            </Link>
          )}
        </p>
      ))}
      {!over && <p>Pause one of them if that is not what you want.</p>}
    </Notice>
  );
}
