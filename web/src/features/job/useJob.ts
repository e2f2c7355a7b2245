import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState, useSyncExternalStore } from "react";

import { isOver } from "../../api/jobStatus";
import { jobQuery, jobsKey, populationsQuery } from "../../api/queries";
import { useRealtime } from "../../app/RealtimeProvider";
import { type FeedSnapshot, noProgress } from "../../realtime";
import { jobView } from "./jobView";

/** A job and the news of it, until it is over. */
export function useJob(id: string) {
  const query = useQuery(jobQuery(id));
  const first = useFirst(query.data?.last_seq);
  const over = query.data === undefined || isOver(query.data.status);
  const feed = useFeed(id, first, !over);
  useRefetchAtEnd(id, (feed?.over ?? null) !== null || (query.data !== undefined && over));
  const progress = feed?.progress ?? noProgress;
  const view = query.data && jobView(query.data, query.dataUpdatedAt, progress);
  return { query, view, progress };
}

/** The first value that is known; the feed begins there and is not begun again when the job is asked for again. */
function useFirst<T>(value: T | undefined): T | undefined {
  const [first, setFirst] = useState(value);
  if (first === undefined && value !== undefined) setFirst(value);
  return first;
}

function useFeed(id: string, after: number | undefined, wanted: boolean): FeedSnapshot | null {
  const realtime = useRealtime();
  // A feed that ended stays as long as the page, because it holds the final counts; it costs nothing any more.
  const follow = useFirst(wanted || undefined) ?? false;
  useEffect(() => {
    if (!follow || after === undefined) return undefined;
    const feed = realtime.follow(id, after);
    return () => realtime.unfollow(feed);
  }, [realtime, id, after, follow]);
  return useSyncExternalStore(
    (listener) => realtime.subscribe(listener),
    () => (follow ? realtime.followed : null),
  );
}

/** The job itself has what no event carries: the error that stopped it, for example. */
function useRefetchAtEnd(id: string, over: boolean): void {
  const queryClient = useQueryClient();
  useEffect(() => {
    if (!over) return;
    void queryClient.invalidateQueries({ queryKey: jobQuery(id).queryKey });
    void queryClient.invalidateQueries({ queryKey: jobsKey });
    void queryClient.invalidateQueries({ queryKey: ["rows", id] });
    // How many users a population has, or whether it is still there.
    void queryClient.invalidateQueries({ queryKey: populationsQuery.queryKey });
  }, [queryClient, id, over]);
}
