import { useState } from "react";

import { useStart } from "../upload/useStart";
import { usePreview, useUpload } from "../upload/useUpload";
import { type Choices, planOptions } from "./choices";

export type DeleteFlow = ReturnType<typeof useDeleteFlow>;

/** What the page knows between the choice of users and their plan. */
export function useDeleteFlow(first: Choices) {
  const [choices, setChoices] = useState(first);
  const upload = useUpload();
  const options = planOptions(choices);
  // Kept when another source is tried in between, but not sent with it.
  const chosen = choices.source === "file" ? upload.chosen : null;
  const { kind, match_by: matchBy, saved_mapping: mapping } = options;
  const reading = usePreview(chosen, { kind, match_by: matchBy ?? "username", saved_mapping: mapping ?? null }, true);
  const plan = useStart(chosen, options);
  const change = (change: Partial<Choices>) => setChoices((before) => ({ ...before, ...change }));
  return { choices, change, upload, reading, plan };
}
