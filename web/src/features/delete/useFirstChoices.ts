import { useQuery } from "@tanstack/react-query";
import { useSearch } from "@tanstack/react-router";

import { jobQuery } from "../../api/queries";
import { type Choices, choicesOf, firstChoices } from "./choices";

interface First {
  /** Null until they are known. */
  choices: Choices | null;
  /** Why an earlier deletion says nothing about them. */
  error: Error | null;
  /** Another one for each wish to begin. */
  key: string;
}

/**
 * What is chosen before anybody chooses: nothing, a population, or what an earlier deletion was planned with, so that
 * nobody who was protected then is forgotten now.
 */
export function useFirstChoices(): First {
  const search = useSearch({ from: "/delete" });
  const { population, emptied = false, like } = search;
  const job = useQuery({ ...jobQuery(like ?? ""), enabled: like !== undefined });
  // A plan is its own.
  const planId = job.data?.options.plan ?? like;
  const plan = useQuery({ ...jobQuery(planId ?? ""), enabled: planId !== undefined && job.isSuccess });
  const key = JSON.stringify(search);
  if (like !== undefined) {
    const error = job.error ?? plan.error;
    return { choices: plan.data ? { ...firstChoices, ...choicesOf(plan.data) } : null, error, key };
  }
  const choices: Choices = population === undefined ? firstChoices : { ...firstChoices, source: "population", population, deletePopulation: emptied };
  return { choices, error: null, key };
}
