import type { Population } from "../../api/types";

/** All users of the environment; null unless PingOne told it of each population. */
export function totalUsers(populations: readonly Population[] | undefined): number | null {
  const counts = populations?.map(({ user_count: users }) => users ?? null) ?? [null];
  return counts.reduce((sum, users) => (sum === null || users === null ? null : sum + users), 0);
}
