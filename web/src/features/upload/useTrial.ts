import { useState } from "react";

import type { JobOptions } from "../../api/types";
import { useCreateJob } from "./useStart";
import type { Chosen } from "./useUpload";

export type Trial = ReturnType<typeof useTrial>;

/** A dry run that is watched on the page where it was asked for, as long as what was asked for stays the same. */
export function useTrial(chosen: Chosen | null, options: JobOptions) {
  const job = useCreateJob(chosen);
  const [tried, setTried] = useState<{ wish: string; id: string | null } | null>(null);
  const wish = JSON.stringify([chosen?.number, options]);
  const start = () => {
    setTried({ wish, id: null });
    // Whoever asks again wants to know how it is now.
    job.forget();
    job.mutate({ ...options, dry_run: true }, { onSuccess: ({ id }) => setTried({ wish, id }) });
  };
  const holds = tried?.wish === wish;
  return { start, isPending: job.isPending, error: holds ? job.error : null, sent: job.sent, id: holds ? tried.id : null };
}
