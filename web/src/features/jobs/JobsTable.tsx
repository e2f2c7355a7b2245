import { Button, Table } from "@mantine/core";
import { Link } from "@tanstack/react-router";

import { api } from "../../api/client";
import { isOver } from "../../api/jobStatus";
import type { Job } from "../../api/types";
import { ago } from "../../lib/format";
import { DownloadIcon, WarningIcon } from "../../ui/icons";
import tables from "../../ui/tables.module.css";
import { Controls } from "../job/Controls";
import { kinds, nameOf } from "../job/kinds";
import { useNow } from "../job/useNow";
import classes from "./JobsTable.module.css";
import { rivals } from "./rivals";
import { stateText } from "./stateText";
import { StatusText } from "./StatusPill";

export function JobsTable({ jobs }: { jobs: readonly Job[] }) {
  const now = useNow(true, 30_000);
  return (
    <div className={classes.scroll}>
      <Table className={tables.table} verticalSpacing={8} highlightOnHover>
        <Table.Caption className="visually-hidden">All jobs, newest first</Table.Caption>
        <Table.Thead>
          <Table.Tr>
            <Table.Th scope="col">Job</Table.Th>
            <Table.Th scope="col">Status</Table.Th>
            <Table.Th scope="col">Outcome</Table.Th>
            <Table.Th scope="col">Begun</Table.Th>
            <Table.Th scope="col">
              <span className="visually-hidden">Actions</span>
            </Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {jobs.map((job) => (
            <Row key={job.id} job={job} jobs={jobs} now={now} />
          ))}
        </Table.Tbody>
      </Table>
    </div>
  );
}

function Row({ job, jobs, now }: { job: Job; jobs: readonly Job[]; now: number }) {
  const { icon: Icon } = kinds[job.kind];
  return (
    <Table.Tr>
      <Table.Th scope="row" className={tables.key}>
        <span className={classes.kind}>
          <Icon size={14} />
          {nameOf(job)}
        </span>
        <Link to="/jobs/$jobId" params={{ jobId: job.id }} className={classes.file}>
          {job.file}
        </Link>
      </Table.Th>
      <Table.Td>
        <StatusText status={job.status} />
      </Table.Td>
      <Table.Td className={classes.outcome}>
        {stateText(job)}
        {!isOver(job.status) && rivals(job, jobs).length > 0 && (
          <span className={classes.warning}>
            <WarningIcon size={14} />
            Another job changes the same users
          </span>
        )}
        {job.error && !isOver(job.status) && <span className={classes.trouble}>{job.error.message}</span>}
      </Table.Td>
      <Table.Td className={classes.when}>
        <time dateTime={job.created_at}>{ago(job.created_at, now)}</time>
      </Table.Td>
      <Table.Td>
        <div className={classes.actions}>
          {isOver(job.status) ? <Output job={job} /> : <Controls job={job} status={job.status} size="compact-xs" />}
        </div>
      </Table.Td>
    </Table.Tr>
  );
}

function Output({ job }: { job: Job }) {
  if (!job.output) return null;
  const name = `Download ${job.output}`;
  return (
    <Button component="a" href={api.fileUrl(job.id)} download size="compact-xs" variant="default" leftSection={<DownloadIcon size={13} />} aria-label={name} title={name}>
      {job.kind === "delete" ? "Backup" : "Download"}
    </Button>
  );
}
