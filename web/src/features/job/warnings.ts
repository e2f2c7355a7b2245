import type { Job } from "../../api/types";

/** What a deletion's plan says of names to protect that no user has. */
export function protectsNobody({ warnings = [] }: Pick<Job, "warnings">): string | undefined {
  return warnings.find(({ code }) => code === "unknown_protected")?.message;
}
