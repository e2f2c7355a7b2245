import { Button, Loader } from "@mantine/core";
import { Link } from "@tanstack/react-router";

import { isOver } from "../../api/jobStatus";
import { percent } from "../../lib/format";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { PlusIcon } from "../../ui/icons";
import { Notice } from "../../ui/Notice";
import { useTitle } from "../../ui/useTitle";
import { JobsCard } from "../jobs/JobsCard";
import { SameUsers } from "../jobs/SameUsers";
import { StatusPill } from "../jobs/StatusPill";
import { CarryOut } from "./CarryOut";
import { DetailsCard } from "./DetailsCard";
import classes from "./JobPage.module.css";
import type { JobView } from "./jobView";
import { kinds, nameOf, nounOf } from "./kinds";
import { ProgressCard } from "./ProgressCard";
import { RowsCard } from "./RowsCard";
import { OutputLink, SummaryNotice } from "./SummaryNotice";
import { standstill } from "./summary";
import { Troubles } from "./Troubles";
import { useJob } from "./useJob";
import { WarningNotices } from "./WarningNotices";

/** One job, while it runs and after it. */
export function JobPage({ id }: { id: string }) {
  const { query, view, progress } = useJob(id);
  useTitle(view ? titleOf(view) : "Job");
  if (!view) {
    if (query.error) return <ErrorNotice what="This job cannot be shown" error={query.error} retry={() => void query.refetch()} />;
    return <Loader aria-label="Loading" />;
  }
  return (
    <div className={classes.page}>
      <div className={classes.main}>
        <Heading view={view} />
        <SummaryNotice view={view} />
        <Standstill view={view} />
        <SameUsers job={view.job} />
        <Troubles troubles={progress.troubles} over={isOver(view.status)} noun={nounOf(view.job)} />
        <WarningNotices job={view.job} />
        <CarryOut plan={view.job} />
        <ProgressCard view={view} />
        <RowsCard view={view} progress={progress} />
      </div>
      <aside className={classes.aside} aria-label="About this job, and recent jobs">
        <DetailsCard view={view} />
        <JobsCard current={view} />
      </aside>
    </div>
  );
}

function Standstill({ view }: { view: JobView }) {
  const told = standstill(view);
  // The backup that a deletion made is there before its end.
  const output = isOver(view.status) ? null : view.job.output;
  return (
    <>
      {told && (
        <Notice tone={told.tone} title={told.title} role="status">
          {told.text}
        </Notice>
      )}
      {output && (
        <div>
          <OutputLink view={view} output={output} />
        </div>
      )}
    </>
  );
}

function Heading({ view: { job, status } }: { view: JobView }) {
  const { icon: Icon, page, again } = kinds[job.kind];
  return (
    <div className={classes.heading}>
      <h1>
        <span className={classes.kind}>
          <Icon size={16} />
          {nameOf(job)}
          <span className="visually-hidden">: </span>
        </span>
        {job.file}
      </h1>
      <div className={classes.state}>
        <StatusPill status={status} />
        <Button component={Link} to={page} variant="default" size="xs" leftSection={<PlusIcon size={14} />}>
          {again}
        </Button>
      </div>
    </div>
  );
}

function titleOf({ job, counts, status }: JobView): string {
  const name = `${nameOf(job)}: ${job.file}`;
  return isOver(status) ? name : `${percent(counts.processed, counts.total)} % ${name}`;
}
