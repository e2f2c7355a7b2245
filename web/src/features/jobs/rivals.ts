import type { Job, JobWarning } from "../../api/types";

/**
 * The warnings of a job that are about others with the same users, and those of others that are about it: only the
 * later of two jobs is warned by itself.
 */
export function rivals(job: Job, jobs: readonly Job[]): JobWarning[] {
  const own = (job.warnings ?? []).filter(({ code }) => code === "same_users").map((warning) => ({ ...warning, message: shortened(warning) }));
  const about = jobs.flatMap(({ id, warnings }) =>
    (warnings ?? []).filter(({ other_job: other }) => other === job.id).map((warning) => ({ ...warning, other_job: id, message: shortened(warning) })),
  );
  const known = new Set(own.map(({ other_job: other }) => other));
  return [...own, ...about.filter(({ other_job: other }) => !known.has(other))];
}

/** Without the id, which a link stands for. */
function shortened({ message }: JobWarning): string {
  const users = /^(\d+) users? /.exec(message)?.[1];
  if (!users) return message;
  const [number, verb] = users === "1" ? ["1 user", "is"] : [`${Number(users).toLocaleString("en-US")} users`, "are"];
  return `${number} of this job ${verb} also in another one; what they are in the end depends on which of the two comes to them last.`;
}
