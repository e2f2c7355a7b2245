import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";

import { api } from "./client";
import { isOver } from "./jobStatus";
import type { Outcome } from "./types";

const RECENT_JOBS = 12;
const JOBS_PAGE = 50;

export const sessionQuery = queryOptions({
  queryKey: ["session"],
  queryFn: ({ signal }) => api.session(signal),
  staleTime: Infinity,
});

export const connectionQuery = queryOptions({
  queryKey: ["connection"],
  queryFn: ({ signal }) => api.connection(signal),
  staleTime: 60_000,
});

export const populationsQuery = queryOptions({
  queryKey: ["populations"],
  queryFn: ({ signal }) => api.populations(signal),
  staleTime: 30_000,
});

export const attributesQuery = queryOptions({
  queryKey: ["attributes"],
  queryFn: ({ signal }) => api.attributes(signal),
  staleTime: 60_000,
});

export const mappingsQuery = queryOptions({
  queryKey: ["mappings"],
  queryFn: ({ signal }) => api.mappings(signal),
  staleTime: 30_000,
});

/** Also tells whether the server can be reached while nothing else is asked. */
export const healthQuery = queryOptions({
  queryKey: ["health"],
  queryFn: ({ signal }) => api.health(false, signal),
  refetchInterval: 15_000,
});

export const healthHistoryQuery = queryOptions({
  queryKey: ["health-history"],
  queryFn: ({ signal }) => api.healthHistory(signal),
  refetchInterval: 30_000,
});

export const jobsQuery = queryOptions({
  queryKey: ["jobs", "recent"],
  queryFn: ({ signal }) => api.jobs(RECENT_JOBS, undefined, signal),
  refetchInterval: ({ state }) => (state.data?.some((job) => !isOver(job.status)) ? 2_000 : 5_000),
});

/** Every job, a page at a time. */
export const allJobsQuery = infiniteQueryOptions({
  queryKey: ["jobs", "all"],
  queryFn: ({ signal, pageParam }) => api.jobs(JOBS_PAGE, pageParam, signal),
  initialPageParam: undefined as string | undefined,
  getNextPageParam: (page) => (page.length < JOBS_PAGE ? undefined : page.at(-1)?.id),
  refetchInterval: ({ state }) => (state.data?.pages.flat().some((job) => !isOver(job.status)) ? 2_000 : 5_000),
});

/** The beginning of the keys of everything that lists jobs. */
export const jobsKey = ["jobs"];

/** Counts come with the events; the status of a job also changes without one, by another page or the command line. */
export const jobQuery = (id: string) =>
  queryOptions({
    queryKey: ["job", id],
    queryFn: ({ signal }) => api.job(id, signal),
    refetchInterval: ({ state }) => (state.data && isOver(state.data.status) ? false : 3_000),
  });

export const rowsQuery = (id: string, outcome: Outcome, after: number | undefined, limit: number) =>
  queryOptions({
    queryKey: ["rows", id, outcome, after ?? 0, limit],
    queryFn: ({ signal }) => api.rows(id, { outcome, limit, ...(after === undefined ? {} : { after }) }, signal),
  });
