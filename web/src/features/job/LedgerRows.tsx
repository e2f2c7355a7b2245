import { Button, Group, Loader } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { isOver } from "../../api/jobStatus";
import { rowsQuery } from "../../api/queries";
import { count } from "../../lib/format";
import { ErrorNotice } from "../../ui/ErrorNotice";
import type { JobView } from "./jobView";
import { kinds, outcomeWord } from "./kinds";
import type { OutcomeName } from "./outcomes";
import classes from "./RowsCard.module.css";
import { RowsTable } from "./RowsTable";

const PAGE = 100;
const REFRESH_MS = 4_000;

/** One outcome's rows from the ledger, a page at a time, so that a million rows cost no more than a hundred. */
export function LedgerRows({ view, outcome }: { view: JobView; outcome: OutcomeName }) {
  // The cursors of the pages before this one; the first page has none.
  const [cursors, setCursors] = useState<(number | undefined)[]>([undefined]);
  const query = useQuery({
    ...rowsQuery(view.job.id, outcome, cursors.at(-1), PAGE),
    placeholderData: keepPreviousData,
    refetchInterval: isOver(view.status) ? false : REFRESH_MS,
  });
  const word = outcomeWord(view.job, outcome);
  if (query.isError) return <ErrorNotice what="The rows could not be loaded" error={query.error} retry={() => void query.refetch()} />;
  if (!query.data) return <Loader size="sm" aria-label="Loading" />;
  const { rows, next } = query.data;
  if (rows.length === 0) return <p className={classes.empty}>{none(view, outcome)}</p>;
  const from = (cursors.length - 1) * PAGE;
  return (
    <>
      <RowsTable rows={rows} label={word.startsWith("Would") ? `Rows that ${word.toLowerCase()}` : `${word} rows`} job={view.job} />
      <Group justify="space-between" mt="sm">
        <span className={classes.note} aria-live="polite">
          {count(from + 1)}–{count(from + rows.length)} of {count(Math.max(view.counts[outcome], from + rows.length))}
        </span>
        <Group gap="xs">
          <Button size="xs" variant="default" disabled={cursors.length === 1} onClick={() => setCursors(cursors.slice(0, -1))}>
            Previous
          </Button>
          <Button size="xs" variant="default" disabled={next === null} onClick={() => setCursors([...cursors, next ?? undefined])}>
            Next
          </Button>
        </Group>
      </Group>
    </>
  );
}

function none({ job }: JobView, outcome: OutcomeName): string {
  const nobody = `No ${kinds[job.kind].row}`;
  if (job.dry_run && outcome === "failed") return `${nobody} would fail.`;
  if (outcome === "failed") return `${nobody} failed.`;
  return `${nobody} ${job.dry_run ? "would be" : "was"} ${outcome}.`;
}
