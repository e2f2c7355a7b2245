import { Link } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";

import type { JobDetails } from "../../api/types";
import { plural } from "../../lib/format";
import { Card } from "../../ui/Card";
import classes from "./DetailsCard.module.css";
import type { JobView } from "./jobView";
import { nounOf } from "./kinds";

export function DetailsCard({ view: { job } }: { view: JobView }) {
  return (
    <Card title={`About this ${nounOf(job)}`}>
      <dl className={classes.details}>
        <Asked job={job} />
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
            <JobLink id={job.retry_of}>the failed rows of an earlier job</JobLink>
          </Detail>
        )}
        <Detail name="Id">
          <code>{job.id}</code>
        </Detail>
      </dl>
    </Card>
  );
}

/** What was asked for, as far as it says something about this kind of job. */
function Asked({ job }: { job: JobDetails }) {
  const { options, kind } = job;
  const hasFile = kind === "import" || kind === "modify";
  const isChosen = kind === "delete" && !options.population && !options.filter && !options.whole_environment && !options.plan;
  return (
    <>
      {options.plan && (
        <Detail name="Plan">
          <JobLink id={options.plan}>who was to be deleted</JobLink>
        </Detail>
      )}
      {(hasFile || isChosen) && <Detail name="Matched by">{matches[options.match_by]}</Detail>}
      {job.population && kind !== "modify" && <Detail name="Population">{job.population.name}</Detail>}
      {kind === "modify" && options.create_missing && <Detail name="New users">are created in {job.population?.name}</Detail>}
      {options.whole_environment && <Detail name="Selection">the whole environment</Detail>}
      {options.filter && (
        <Detail name="Filter">
          <code>{options.filter}</code>
        </Detail>
      )}
      {kind === "export" && !job.dry_run && <Detail name="Columns">{columns(options.attributes)}</Detail>}
      {options.clear_marker && (
        <Detail name="Cleared by">
          <code>{options.clear_marker}</code>
        </Detail>
      )}
      {options.protect.length > 0 && <Detail name="Protected"><Protected names={options.protect} /></Detail>}
      {kind === "delete" && !job.dry_run && <Detail name="Backup">{options.backup ? "made before the first user is deleted" : "none"}</Detail>}
    </>
  );
}

const matches = { username: "username", email: "e-mail address", external_id: "externalId", id: "PingOne’s id" } as const;

function columns(attributes: readonly string[]): ReactNode {
  return attributes.length === 0 ? "all that an import takes" : <code>{attributes.join(", ")}</code>;
}

/** Those who are never deleted; a long list is opened on demand. */
function Protected({ names }: { names: readonly string[] }) {
  const [open, setOpen] = useState(names.length <= FEW);
  return (
    <>
      {(open ? names : names.slice(0, FEW)).map((name) => (
        <div key={name}>{name}</div>
      ))}
      {names.length > FEW && (
        <button type="button" className={classes.more} aria-expanded={open} onClick={() => setOpen(!open)}>
          {open ? "Show fewer" : `Show all ${plural(names.length, "user")}`}
        </button>
      )}
    </>
  );
}

const FEW = 5;

function JobLink({ id, children }: { id: string; children: ReactNode }) {
  return (
    <Link to="/jobs/$jobId" params={{ jobId: id }}>
      {children}
    </Link>
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
