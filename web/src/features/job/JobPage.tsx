import { Button, Loader } from "@mantine/core";
import { Link } from "@tanstack/react-router";

import { isOver } from "../../api/jobStatus";
import { percent } from "../../lib/format";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { PlusIcon } from "../../ui/icons";
import { Notice } from "../../ui/Notice";
import { useTitle } from "../../ui/useTitle";
import { JobsCard } from "../jobs/JobsCard";
import { StatusPill } from "../jobs/StatusPill";
import { DetailsCard } from "./DetailsCard";
import classes from "./JobPage.module.css";
import { type JobView, standstill } from "./jobView";
import { ProgressCard } from "./ProgressCard";
import { RowsCard } from "./RowsCard";
import { SummaryNotice } from "./SummaryNotice";
import { Troubles } from "./Troubles";
import { useJob } from "./useJob";

/** One import, while it runs and after it. */
export function JobPage({ id }: { id: string }) {
  const { query, view, progress } = useJob(id);
  useTitle(view ? titleOf(view) : "Import");
  if (!view) {
    if (query.error) return <ErrorNotice what="This import cannot be shown" error={query.error} retry={() => void query.refetch()} />;
    return <Loader aria-label="Loading" />;
  }
  return (
    <div className={classes.page}>
      <div className={classes.main}>
        <Heading view={view} />
        <SummaryNotice view={view} />
        <Standstill view={view} />
        <Troubles troubles={progress.troubles} over={isOver(view.status)} />
        <ProgressCard view={view} />
        <RowsCard view={view} progress={progress} />
      </div>
      <aside className={classes.aside} aria-label="About this import, and recent imports">
        <DetailsCard view={view} />
        <JobsCard current={id} />
      </aside>
    </div>
  );
}

function Standstill({ view }: { view: JobView }) {
  const told = standstill(view);
  return (
    told && (
      <Notice tone={told.tone} title={told.title} role="status">
        {told.text}
      </Notice>
    )
  );
}

function Heading({ view: { job, status } }: { view: JobView }) {
  return (
    <div className={classes.heading}>
      <h1>{job.file}</h1>
      <StatusPill status={status} />
      {job.dry_run && <span className={classes.tag}>Dry run</span>}
      <Button component={Link} to="/" variant="default" size="xs" leftSection={<PlusIcon size={14} />} ml="auto">
        Import another file
      </Button>
    </div>
  );
}

function titleOf({ job, counts, status }: JobView): string {
  return isOver(status) ? job.file : `${percent(counts.processed, counts.total)} % ${job.file}`;
}
