import { useMutation, useQueryClient } from "@tanstack/react-query";

import { api } from "../../api/client";
import { healthHistoryQuery, healthQuery } from "../../api/queries";

/** Lets the server test itself now, and shows what it found. */
export function useHealthCheck() {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: () => api.health(true, new AbortController().signal),
    onSuccess: (health) => {
      queryClient.setQueryData(healthQuery.queryKey, health);
      void queryClient.invalidateQueries({ queryKey: healthHistoryQuery.queryKey });
    },
    // The badge shows that there was no answer.
    onError: () => queryClient.invalidateQueries({ queryKey: healthQuery.queryKey }),
  });
}
