import type { Preview } from "../../api/types";
import { plural } from "../../lib/format";
import type { Requirement } from "../../ui/Requirements";
import { columnsRequirement, fileRequirement, rowsRequirement } from "../upload/columns";

export interface Choices {
  population: string | null;
  /** The name of a saved mapping of columns. */
  mapping: string | null;
  ignoreUnknown: boolean;
  /** The text of a mail to each user that is created; blank for none. */
  welcomeMail: string;
}

export const noChoices: Choices = { population: null, mapping: null, ignoreUnknown: false, welcomeMail: "" };

/** What must be true before an import can start, in the order in which a person sees to it. */
export function requirements(preview: Preview | undefined, choices: Choices): Requirement[] {
  return [
    fileRequirement(preview),
    columnsRequirement(preview, choices.ignoreUnknown),
    { label: "A population is chosen", met: choices.population !== null, advice: "Choose a population." },
    rowsRequirement(preview),
    ...mailRequirement(choices.welcomeMail),
  ];
}

function mailRequirement(mail: string): Requirement[] {
  if (mail.trim() === "") return [];
  const met = /^Subject:[^\n]*\S[^\n]*\n\s*\n\s*\S/i.test(mail);
  const advice = 'Begin it with a line "Subject: …" and a blank line, then write the text.';
  return [{ label: "The welcome mail has a subject and a text", met, advice }];
}

/** Of what the button does. */
export function startLabel(preview: Preview | undefined): string {
  return preview ? `Import ${plural(preview.valid, "user")}` : "Start import";
}
