import type { JobDetails, JobOptions, MatchBy, Preview } from "../../api/types";
import type { Requirement } from "../../ui/Requirements";
import { fileRequirement, rowsRequirement } from "../upload/columns";

export type Source = "file" | "population" | "filter" | "everybody";

export interface Choices {
  source: Source;
  matchBy: MatchBy;
  /** The name of a saved mapping of columns. */
  mapping: string | null;
  population: string | null;
  /** Within the population. */
  narrowed: string;
  filter: string;
  /** One username or id on each line. */
  protect: string;
  backup: boolean;
  deletePopulation: boolean;
}

export const firstChoices: Choices = {
  ...{ source: "file", matchBy: "username", mapping: null, population: null, narrowed: "", filter: "" },
  ...{ protect: "", backup: true, deletePopulation: false },
};

/** The users who are never deleted, each once. */
export function protectedUsers(text: string): string[] {
  return [...new Set(text.split(/\r?\n/).map((line) => line.trim()).filter(Boolean))];
}

/** What a plan was made of; its file, if it had one, has to be chosen again. */
export function choicesOf({ kind, options, population }: Pick<JobDetails, "kind" | "options" | "population">): Partial<Choices> {
  if (kind !== "delete") return {};
  const filter = options.filter ?? "";
  const source = options.whole_environment ? "everybody" : population ? "population" : filter ? "filter" : "file";
  return {
    ...{ source, matchBy: options.match_by, mapping: options.saved_mapping ?? null, population: population?.id ?? null },
    ...(source === "population" ? { narrowed: filter } : { filter }),
    ...{ protect: options.protect.join("\n"), backup: options.backup, deletePopulation: options.delete_population },
  };
}

/** Whether the population itself may go: only when all of its users do. */
export function emptiesPopulation({ source, narrowed }: Choices): boolean {
  return source === "population" && narrowed.trim() === "";
}

/** The plan that the choices ask for. What another choice of users would need is left out, so that nothing widens it. */
export function planOptions(choices: Choices): JobOptions {
  const { source, backup, deletePopulation, protect } = choices;
  return {
    kind: "delete",
    dry_run: true,
    protect: protectedUsers(protect),
    backup,
    delete_population: emptiesPopulation(choices) && deletePopulation,
    ...selections[source](choices),
  };
}

const selections: Record<Source, (choices: Choices) => Partial<JobOptions>> = {
  file: ({ matchBy, mapping }) => ({ match_by: matchBy, saved_mapping: mapping }),
  population: ({ population, narrowed }) => ({ population, filter: narrowed.trim() || null }),
  filter: ({ filter }) => ({ filter: filter.trim() || null }),
  everybody: () => ({ whole_environment: true }),
};

export function requirements({ source, population, filter }: Choices, preview: Preview | undefined): Requirement[] {
  switch (source) {
    case "file":
      return [fileRequirement(preview), rowsRequirement(preview)];
    case "population":
      return [{ label: "A population is chosen", met: population !== null, advice: "Choose one in step 1." }];
    case "filter":
      return [{ label: "A filter is given", met: filter.trim() !== "", advice: "Give one in step 1." }];
    case "everybody":
      return [];
  }
}
