import type { Preview } from "../../api/types";
import { plural } from "../../lib/format";
import type { Requirement } from "../../ui/Requirements";
import { columnsRequirement, fileRequirement, rowsRequirement } from "../upload/columns";

export interface Choices {
  population: string | null;
  /** The name of a saved mapping of columns. */
  mapping: string | null;
  ignoreUnknown: boolean;
}

export const noChoices: Choices = { population: null, mapping: null, ignoreUnknown: false };

/** What must be true before an import can start, in the order in which a person sees to it. */
export function requirements(preview: Preview | undefined, choices: Choices): Requirement[] {
  return [
    fileRequirement(preview),
    columnsRequirement(preview, choices.ignoreUnknown),
    { label: "A population is chosen", met: choices.population !== null, advice: "Choose a population." },
    rowsRequirement(preview),
  ];
}

/** Of what the button does. */
export function startLabel(preview: Preview | undefined): string {
  return preview ? `Import ${plural(preview.valid, "user")}` : "Start import";
}
