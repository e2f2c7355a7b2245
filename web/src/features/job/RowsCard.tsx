import { SegmentedControl } from "@mantine/core";
import { useState } from "react";

import { isOver } from "../../api/jobStatus";
import { count } from "../../lib/format";
import type { JobProgress } from "../../realtime";
import { Card } from "../../ui/Card";
import classes from "./RowsCard.module.css";
import { LatestRows } from "./LatestRows";
import { LedgerRows } from "./LedgerRows";
import type { JobView } from "./jobView";
import { kinds, outcomeWord, shownOutcomes } from "./kinds";
import type { OutcomeName } from "./outcomes";

type Choice = "latest" | OutcomeName;

/** The rows one by one: the newest failures while the job runs, and the whole ledger page by page. */
export function RowsCard({ view, progress }: { view: JobView; progress: JobProgress }) {
  const [chosen, setChosen] = useState<Choice | null>(null);
  const over = isOver(view.status);
  const choice = chosen === null || (over && chosen === "latest") ? initial(view, over) : chosen;
  const choices = [...(over ? [] : [{ value: "latest", label: "Latest failures" }]), ...outcomeChoices(view)];
  // An export leaves every user as it is, and its rows are those of its file.
  if (view.job.kind === "export") return null;
  return (
    <Card
      title="Rows"
      aside={
        <div className={classes.choices}>
          <SegmentedControl aria-label="Which rows" size="xs" data={choices} value={choice} onChange={(value) => setChosen(value as Choice)} />
        </div>
      }
    >
      {choice === "latest" ? <LatestRows view={view} live={progress.failed} /> : <LedgerRows key={choice} view={view} outcome={choice} />}
    </Card>
  );
}

function initial({ job, counts }: JobView, over: boolean): Choice {
  if (!over) return "latest";
  const main = kinds[job.kind].outcomes[0] ?? "failed";
  return counts.failed > 0 || counts[main] === 0 ? "failed" : main;
}

function outcomeChoices({ job, counts }: JobView) {
  return shownOutcomes(job.kind, counts)
    .reverse()
    .map((name) => ({ value: name, label: `${outcomeWord(job, name)} ${count(counts[name])}` }));
}
