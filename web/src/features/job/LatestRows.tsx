import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { rowsQuery } from "../../api/queries";
import { count } from "../../lib/format";
import { KEPT_ROWS, type LedgerRow } from "../../realtime";
import type { JobView } from "./jobView";
import { joinRows } from "./joinRows";
import classes from "./RowsCard.module.css";
import { RowsTable } from "./RowsTable";

interface LatestRowsProps {
  view: JobView;
  /** What the events told since the page was opened, newest first. */
  live: readonly LedgerRow[];
}

/** The newest failures of a running job, a bounded number of them. */
export function LatestRows({ view, live }: LatestRowsProps) {
  const before = useFailuresBefore(view);
  const rows = joinRows(live, before);
  if (rows.length === 0) {
    const words = view.counts.failed > 0 ? "No row has failed since this page was opened." : "No row has failed so far.";
    return <p className={classes.empty}>{words}</p>;
  }
  const all = view.counts.failed;
  return (
    <>
      <RowsTable rows={rows} label="Latest failures" job={view.job} />
      {all > rows.length && (
        <p className={classes.note}>
          The newest {count(rows.length)} of {count(all)} failures. “Failed” shows all of them, page by page.
        </p>
      )}
    </>
  );
}

/** Failures from before the page was opened, as long as they are few enough for all to be shown. */
function useFailuresBefore({ job, counts }: JobView): readonly LedgerRow[] {
  const [known] = useState(counts.failed);
  const wanted = known > 0 && known <= KEPT_ROWS;
  const { data } = useQuery({ ...rowsQuery(job.id, "failed", undefined, KEPT_ROWS), enabled: wanted, staleTime: Infinity });
  return data?.rows ?? [];
}
