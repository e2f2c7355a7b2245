import type { Job } from "../../api/types";
import { sentence } from "../../lib/format";
import { nounOf } from "./kinds";

export interface ToldWarning {
  title: string;
  text: string;
}

/** What a job was warned of, whatever it is. Those about other jobs have a place of their own. */
export function toldWarnings(job: Pick<Job, "kind" | "dry_run" | "warnings">): ToldWarning[] {
  const own = (job.warnings ?? []).filter(({ code }) => code !== "same_users");
  return own.map(({ code, message }) => ({ title: titles.get(code) ?? `A warning about the ${nounOf(job)}`, text: sentence(message) }));
}

const titles = new Map([
  ["unknown_protected", "A name on the list of protected users protects nobody"],
  ["ignored_columns", "Columns of the file are left out"],
  ["surplus_cells", "Values may stand in wrong columns"],
  ["missing_cells", "Some rows have fewer values than the header"],
  ["population_kept", "The population is still there"],
]);
