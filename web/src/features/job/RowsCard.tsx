import { SegmentedControl } from "@mantine/core";
import { useState } from "react";

import { isOver } from "../../api/jobStatus";
import { count } from "../../lib/format";
import type { CountsAt, JobProgress } from "../../realtime";
import { Card } from "../../ui/Card";
import { LatestRows } from "./LatestRows";
import { LedgerRows } from "./LedgerRows";
import type { JobView } from "./jobView";
import { outcomeLooks, type OutcomeName, shownOutcomes } from "./outcomes";

type Choice = "latest" | OutcomeName;

/** The rows one by one: the newest failures while the job runs, and the whole ledger page by page. */
export function RowsCard({ view, progress }: { view: JobView; progress: JobProgress }) {
  const [chosen, setChosen] = useState<Choice | null>(null);
  const over = isOver(view.status);
  const choice = chosen === null || (over && chosen === "latest") ? initial(view.counts, over) : chosen;
  const choices = [...(over ? [] : [{ value: "latest", label: "Latest failures" }]), ...outcomeChoices(view.counts)];
  return (
    <Card
      title="Rows"
      aside={<SegmentedControl aria-label="Which rows" size="xs" data={choices} value={choice} onChange={(value) => setChosen(value as Choice)} />}
    >
      {choice === "latest" ? <LatestRows view={view} live={progress.failed} /> : <LedgerRows key={choice} view={view} outcome={choice} />}
    </Card>
  );
}

function initial(counts: CountsAt, over: boolean): Choice {
  if (!over) return "latest";
  return counts.failed > 0 || counts.created === 0 ? "failed" : "created";
}

function outcomeChoices(counts: CountsAt) {
  return shownOutcomes(counts)
    .reverse()
    .map((name) => ({ value: name, label: `${outcomeLooks[name].word} ${count(counts[name])}` }));
}
