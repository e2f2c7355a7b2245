import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";

import { isOver } from "../../api/jobStatus";
import { jobsQuery } from "../../api/queries";
import type { Job } from "../../api/types";
import { Notice } from "../../ui/Notice";
import { nameOf } from "../job/kinds";
import classes from "./OthersRun.module.css";

/** Before a job is started that changes users: which others do so already. */
export function OthersRun() {
  const { data } = useQuery(jobsQuery);
  const others = (data ?? []).filter(changesUsers);
  if (others.length === 0) return null;
  return (
    <Notice tone="warn" title={others.length === 1 ? "Another job is changing users" : `${others.length} other jobs are changing users`}>
      Where both name the same user, the one that comes last wins. Wait for it, unless you know that they have nobody in common.
      <ul className={classes.list}>
        {others.map((job) => (
          <li key={job.id}>
            <Link to="/jobs/$jobId" params={{ jobId: job.id }} target="_blank">
              {nameOf(job)}: {job.file}
              <span className="visually-hidden"> (opens in a new tab)</span>
            </Link>
          </li>
        ))}
      </ul>
    </Notice>
  );
}

function changesUsers({ kind, dry_run: dryRun, status }: Job): boolean {
  return !isOver(status) && !dryRun && kind !== "export";
}
