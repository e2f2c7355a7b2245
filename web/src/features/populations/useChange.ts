import { useMutation, useQueryClient } from "@tanstack/react-query";

import { api } from "../../api/client";
import { populationsQuery } from "../../api/queries";
import type { PopulationPatch } from "../../api/types";

/** Changes a population, and asks for all of them again whatever came. */
export function useChange() {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: ({ id, patch }: { id: string; patch: PopulationPatch }) => api.changePopulation(id, patch),
    onSettled: refresh,
  });
}

export function useRefresh() {
  const queryClient = useQueryClient();
  return () => queryClient.invalidateQueries({ queryKey: populationsQuery.queryKey });
}
