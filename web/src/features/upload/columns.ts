import type { Preview } from "../../api/types";
import { count, plural } from "../../lib/format";
import type { Requirement } from "../../ui/Requirements";

/** That every column means something, or is left out on purpose. */
export function columnsRequirement(preview: Preview | undefined, ignoreUnknown: boolean): Requirement {
  const unknown = preview?.columns.filter((column) => column.status === "unknown") ?? [];
  return {
    label: "Every column is understood",
    met: preview !== undefined && (ignoreUnknown || unknown.length === 0),
    advice: preview ? `Rename the ${plural(unknown.length, "unknown column")} in the file, or tick “Ignore unknown columns”.` : "",
  };
}

export function fileRequirement(preview: Preview | undefined): Requirement {
  return { label: "File is read", met: preview !== undefined, advice: "Choose a file that can be read." };
}

export function rowsRequirement(preview: Preview | undefined): Requirement {
  return {
    label: "At least one row can be sent",
    met: preview !== undefined && preview.valid > 0,
    advice: preview ? "Mend the problems listed above and choose the file again." : "",
  };
}

/** What will happen to the rows that are not valid; null when all are. */
export function caveat({ invalid, duplicates }: Preview, verb = "imported"): string | null {
  const parts = [];
  if (invalid > 0) parts.push(`${count(invalid)} invalid ${invalid === 1 ? "row fails" : "rows fail"}`);
  if (duplicates > 0) parts.push(`${count(duplicates)} ${duplicates === 1 ? "duplicate is" : "duplicates are"} skipped`);
  if (parts.length === 0) return null;
  return `${parts.join(" and ")}. They are listed at the end; failed rows can be downloaded, mended and ${verb} again.`;
}
