import type { Population } from "../../api/types";

/** The population that is chosen before anybody chooses: PingOne's default, and never just the first of the list. */
export function defaultPopulation(populations: readonly Population[]): string | null {
  return populations.find((population) => population.default)?.id ?? null;
}
