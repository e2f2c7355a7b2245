import type { JobOptions, MatchBy, Preview } from "../../api/types";
import { plural } from "../../lib/format";
import type { Requirement } from "../../ui/Requirements";
import { columnsRequirement, fileRequirement, rowsRequirement } from "../upload/columns";

export interface Choices {
  matchBy: MatchBy;
  clearMarker: string;
  createMissing: boolean;
  /** Of users who are created. */
  population: string | null;
  /** The name of a saved mapping of columns. */
  mapping: string | null;
  ignoreUnknown: boolean;
}

export const firstChoices: Choices = {
  ...{ matchBy: "username", clearMarker: "", createMissing: false, population: null, mapping: null, ignoreUnknown: false },
};

/** Whom PingOne's own id names exists, or nobody knows who is meant. */
export function mayCreate({ matchBy }: Choices): boolean {
  return matchBy !== "id";
}

export function modifyOptions(choices: Choices): JobOptions {
  const creates = choices.createMissing && mayCreate(choices);
  return {
    kind: "modify",
    match_by: choices.matchBy,
    clear_marker: choices.clearMarker.trim() || null,
    create_missing: creates,
    population: creates ? choices.population : null,
    saved_mapping: choices.mapping,
    ignore_unknown_columns: choices.ignoreUnknown,
  };
}

export function requirements(preview: Preview | undefined, choices: Choices): Requirement[] {
  const creates = choices.createMissing && mayCreate(choices);
  const population = { label: "A population for new users is chosen", met: choices.population !== null, advice: "Choose one in step 3." };
  return [fileRequirement(preview), columnsRequirement(preview, choices.ignoreUnknown), ...(creates ? [population] : []), rowsRequirement(preview)];
}

/** Of what the button does; how many of them differ, only PingOne knows. */
export function startLabel(preview: Preview | undefined): string {
  return preview ? `Modify up to ${plural(preview.valid, "user")}` : "Start modification";
}
