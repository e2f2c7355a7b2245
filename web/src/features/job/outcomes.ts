import { CheckCircleIcon, CrossCircleIcon, EqualIcon, RefreshIcon, SkipIcon, TrashIcon } from "../../ui/icons";

/** Each outcome has a word, an icon and a colour. */
export const outcomeLooks = {
  created: { word: "Created", icon: CheckCircleIcon, tone: "ok" },
  updated: { word: "Updated", icon: RefreshIcon, tone: "info" },
  unchanged: { word: "Unchanged", icon: EqualIcon, tone: "plain" },
  deleted: { word: "Deleted", icon: TrashIcon, tone: "info" },
  skipped: { word: "Skipped", icon: SkipIcon, tone: "warn" },
  failed: { word: "Failed", icon: CrossCircleIcon, tone: "bad" },
} as const;

export type OutcomeName = keyof typeof outcomeLooks;

export const outcomeNames = Object.keys(outcomeLooks) as OutcomeName[];
