import { useSyncExternalStore } from "react";

import { useRealtime } from "../../app/RealtimeProvider";

/** Whether the server answers, as far as this page knows; while it does not, what it said last holds no more. */
export function useReached(): boolean {
  const realtime = useRealtime();
  return useSyncExternalStore(
    (listener) => realtime.subscribe(listener),
    () => realtime.status.tier !== "offline",
  );
}
