import { QueryClient } from "@tanstack/react-query";

import { ApiError } from "../api/problem";

export function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 2_000,
        // The browser's idea of "online" says nothing about a server on this machine.
        networkMode: "always",
        retry: (failures, error) => failures < 2 && error instanceof ApiError && error.repeatable,
      },
      mutations: { networkMode: "always" },
    },
  });
}
