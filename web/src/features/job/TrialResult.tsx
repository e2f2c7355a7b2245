import { Loader } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";

import { isOver } from "../../api/jobStatus";
import { count } from "../../lib/format";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Notice } from "../../ui/Notice";
import { Controls } from "./Controls";
import type { JobView } from "./jobView";
import { nounOf } from "./kinds";
import { LedgerRows } from "./LedgerRows";
import { ProgressBar } from "./ProgressBar";
import { standstill, summary } from "./summary";
import classes from "./TrialResult.module.css";
import { useJob } from "./useJob";

/** A dry run on the page where it was asked for: how far it is, and then what it found. */
export function TrialResult({ id }: { id: string }) {
  const { query, view } = useJob(id);
  if (!view) {
    if (query.error) return <ErrorNotice what="The dry run cannot be shown" error={query.error} retry={() => void query.refetch()} />;
    return <Loader size="sm" aria-label="Loading" />;
  }
  const told = standstill(view) ?? summary(view);
  return (
    <div className={classes.result} data-testid="trial">
      {!isOver(view.status) && <Progress view={view} />}
      {told && (
        <Notice tone={told.tone} title={told.title} role="status">
          {told.text} <Details id={id}>{view.job.kind === "export" ? "Details" : "See it row by row"}</Details>
        </Notice>
      )}
      {isOver(view.status) && view.counts.failed > 0 && <LedgerRows view={view} outcome="failed" />}
    </div>
  );
}

function Progress({ view }: { view: JobView }) {
  const { job, counts, status } = view;
  const of = counts.total > 0 ? ` of ${count(counts.total)}` : "";
  return (
    <>
      <div className={classes.bar}>
        <span>
          The {nounOf(job)} has looked at {count(counts.processed)}
          {of}
        </span>
        <Controls job={job} status={status} />
      </div>
      <ProgressBar job={job} counts={counts} active={status === "running"} />
    </>
  );
}

function Details({ id, children }: { id: string; children: ReactNode }) {
  return (
    // In a tab of its own, because the chosen file would be forgotten with this page.
    <Link to="/jobs/$jobId" params={{ jobId: id }} target="_blank">
      {children}
      <span className="visually-hidden"> (opens in a new tab)</span>
    </Link>
  );
}
