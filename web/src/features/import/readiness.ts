import type { Population, Preview } from "../../api/types";
import { count, plural } from "../../lib/format";

export interface Choices {
  population: string | null;
  /** The name of a saved mapping of columns. */
  mapping: string | null;
  ignoreUnknown: boolean;
  dryRun: boolean;
}

export interface Requirement {
  label: string;
  met: boolean;
  /** What to do about it. */
  advice: string;
}

export const noChoices: Choices = { population: null, mapping: null, ignoreUnknown: false, dryRun: false };

/** The population that is chosen before anybody chooses: PingOne's default, and never just the first of the list. */
export function defaultPopulation(populations: readonly Population[]): string | null {
  return populations.find((population) => population.default)?.id ?? null;
}

/** What must be true before an import can start, in the order in which a person sees to it. */
export function requirements(preview: Preview | undefined, choices: Choices): Requirement[] {
  const unknown = preview?.columns.filter((column) => column.status === "unknown") ?? [];
  const columnsMet = preview !== undefined && (choices.ignoreUnknown || unknown.length === 0);
  const columns = plural(unknown.length, "unknown column");
  return [
    { label: "File is read", met: preview !== undefined, advice: "Choose a file that can be read." },
    {
      label: "Every column is understood",
      met: columnsMet,
      advice: preview ? `Rename the ${columns} in the file, or tick “Ignore unknown columns”.` : "",
    },
    { label: "A population is chosen", met: choices.population !== null, advice: "Choose a population." },
    {
      label: "At least one row can be sent",
      met: preview !== undefined && preview.valid > 0,
      advice: preview ? "Mend the problems listed above and choose the file again." : "",
    },
  ];
}

/** Of what the button does. */
export function startLabel(preview: Preview | undefined, dryRun: boolean): string {
  if (!preview) return dryRun ? "Start dry run" : "Start import";
  return dryRun ? `Try out ${plural(preview.total, "row")}` : `Import ${plural(preview.valid, "user")}`;
}

/** What will happen to the rows that are no valid new users; null when all are. */
export function caveat({ invalid, duplicates }: Preview): string | null {
  const parts = [];
  if (invalid > 0) parts.push(`${count(invalid)} invalid ${invalid === 1 ? "row fails" : "rows fail"}`);
  if (duplicates > 0) parts.push(`${count(duplicates)} ${duplicates === 1 ? "duplicate is" : "duplicates are"} skipped`);
  if (parts.length === 0) return null;
  return `${parts.join(" and ")}. They are listed at the end; failed rows can be downloaded, mended and imported again.`;
}
