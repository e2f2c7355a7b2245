import { CheckCircleIcon, CrossCircleIcon, InfoIcon, RefreshIcon, SkipIcon, StopIcon } from "../../ui/icons";

/** Each outcome has a word, an icon and a colour. */
export const outcomeLooks = {
  created: { word: "Created", icon: CheckCircleIcon, tone: "ok" },
  updated: { word: "Updated", icon: RefreshIcon, tone: "info" },
  unchanged: { word: "Unchanged", icon: InfoIcon, tone: "plain" },
  deleted: { word: "Deleted", icon: StopIcon, tone: "info" },
  skipped: { word: "Skipped", icon: SkipIcon, tone: "warn" },
  failed: { word: "Failed", icon: CrossCircleIcon, tone: "bad" },
} as const;

export type OutcomeName = keyof typeof outcomeLooks;

export const outcomeNames = Object.keys(outcomeLooks) as OutcomeName[];

const always: readonly OutcomeName[] = ["created", "skipped", "failed"];

/** The outcomes worth a place: those that an import can have, and whichever else occurred. */
export function shownOutcomes(counts: Record<OutcomeName, number>): OutcomeName[] {
  return outcomeNames.filter((name) => always.includes(name) || counts[name] > 0);
}
