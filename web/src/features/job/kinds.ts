import type { Job, Kind } from "../../api/types";
import { ExportIcon, ImportIcon, PencilIcon, TrashIcon } from "../../ui/icons";
import type { CountsAt } from "../../realtime";
import { outcomeLooks, type OutcomeName, outcomeNames } from "./outcomes";

interface KindWords {
  /** As a title. */
  name: string;
  /** In a sentence, behind "the". */
  noun: string;
  icon: typeof ImportIcon;
  /** What its rows are called. */
  row: string;
  /** The outcomes that it always shows; others only when they occur. */
  outcomes: readonly OutcomeName[];
  /** Where another one is begun. */
  page: "/" | "/modify" | "/delete" | "/export";
  /** On the link to that page. */
  again: string;
}

/** How the page speaks of each kind of job. */
export const kinds: Record<Kind, KindWords> = {
  import: {
    ...{ name: "Import", noun: "import", icon: ImportIcon, row: "row", page: "/", again: "Import another file" },
    outcomes: ["created", "skipped", "failed"],
  },
  modify: {
    ...{ name: "Modification", noun: "modification", icon: PencilIcon, row: "row", page: "/modify", again: "Modify with another file" },
    outcomes: ["updated", "unchanged", "failed"],
  },
  delete: {
    ...{ name: "Deletion", noun: "deletion", icon: TrashIcon, row: "user", page: "/delete", again: "Delete other users" },
    outcomes: ["deleted", "skipped", "failed"],
  },
  export: {
    ...{ name: "Export", noun: "export", icon: ExportIcon, row: "user", page: "/export", again: "Export other users" },
    outcomes: ["unchanged"],
  },
};

/** What a job is called: a dry run of a deletion is its plan. */
export function nameOf({ kind, dry_run: dryRun }: Pick<Job, "kind" | "dry_run">): string {
  if (!dryRun) return kinds[kind].name;
  return kind === "delete" ? "Plan of a deletion" : kind === "export" ? "Count for an export" : `Dry run of ${withArticle(kind)}`;
}

/** The same within a sentence, behind "the". */
export function nounOf({ kind, dry_run: dryRun }: Pick<Job, "kind" | "dry_run">): string {
  if (!dryRun) return kinds[kind].noun;
  return kind === "delete" ? "plan" : kind === "export" ? "count" : "dry run";
}

/** The outcomes worth a place, in the order of the page. */
export function shownOutcomes(kind: Kind, counts: Record<OutcomeName, number>): OutcomeName[] {
  return outcomeNames.filter((name) => kinds[kind].outcomes.includes(name) || counts[name] > 0);
}

/** The word for an outcome, for a kind of job. */
export function outcomeWord({ kind, dry_run: dryRun }: Pick<Job, "kind" | "dry_run">, name: OutcomeName): string {
  if (kind === "export" && name === "unchanged") return dryRun ? "Counted" : "Exported";
  if (dryRun && name === "failed") return "Would fail";
  if (dryRun && name !== "unchanged") return `Would be ${name}`;
  return outcomeLooks[name].word;
}

/** How an outcome looks, for a kind of job: whom an export leaves unchanged, it has exported. */
export function outcomeLook({ kind }: Pick<Job, "kind">, name: OutcomeName) {
  return kind === "export" && name === "unchanged" ? { ...outcomeLooks.created, icon: ExportIcon } : outcomeLooks[name];
}

/** What a job came to, in a few words. */
export function countsText(job: Pick<Job, "kind" | "dry_run"> & Pick<CountsAt, OutcomeName>, count: (value: number) => string): string {
  const told = shownOutcomes(job.kind, job).filter((name, index) => index === 0 || job[name] > 0);
  return told.map((name) => `${count(job[name])} ${outcomeWord(job, name).toLowerCase()}`).join(", ");
}

function withArticle(kind: Kind): string {
  const { noun } = kinds[kind];
  return `${/^[aeiou]/.test(noun) ? "an" : "a"} ${noun}`;
}
