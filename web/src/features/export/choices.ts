import type { Format, JobOptions } from "../../api/types";
import type { Requirement } from "../../ui/Requirements";

export interface Choices {
  scope: "everybody" | "population";
  population: string | null;
  filter: string;
  columns: "importable" | "chosen";
  attributes: string[];
  format: Format;
}

export const firstChoices: Choices = {
  scope: "everybody",
  population: null,
  filter: "",
  columns: "importable",
  attributes: ["username", "email", "name.given", "name.family"],
  format: "csv",
};

/** What the choices mean for the API; a blank filter is none. */
export function exportOptions({ scope, population, filter, columns, attributes, format }: Choices): JobOptions {
  return {
    kind: "export",
    population: scope === "population" ? population : null,
    filter: filter.trim() || null,
    attributes: columns === "chosen" ? attributes : [],
    format,
  };
}

export function requirements({ scope, population, columns, attributes }: Choices): Requirement[] {
  const list = [];
  if (scope === "population") list.push({ label: "A population is chosen", met: population !== null, advice: "Choose one in step 1." });
  if (columns === "chosen") list.push({ label: "At least one attribute is chosen", met: attributes.length > 0, advice: "Choose some in step 2." });
  return list;
}

/** Whether the file can be imported again: a row without a username says nothing. */
export function importsAgain({ columns, attributes }: Choices): boolean {
  return columns === "importable" || attributes.includes("username");
}

export const formats: Record<Format, { name: string; hint: string }> = {
  csv: { name: "CSV", hint: "Comma-separated, in UTF-8. Cells that a spreadsheet would take for formulas are guarded." },
  xlsx: { name: "Excel", hint: "A workbook with one sheet, at most 1,048,575 users." },
  ndjson: { name: "NDJSON", hint: "One JSON object on each line, for programs." },
};
