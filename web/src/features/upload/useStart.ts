import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useRef, useState } from "react";

import { IdempotencyKeys } from "../../api/idempotency";
import { asApiError } from "../../api/problem";
import { jobsKey } from "../../api/queries";
import type { JobOptions } from "../../api/types";
import { startJob } from "../../api/upload";
import type { Chosen } from "./useUpload";

/** Creates a job. One wish creates one, however often its request has to be repeated. */
export function useCreateJob(chosen: Chosen | null) {
  const keys = useRef(new IdempotencyKeys());
  const [sent, setSent] = useState(0);
  const queryClient = useQueryClient();
  const mutation = useMutation({
    mutationFn: (options: JobOptions) => {
      setSent(0);
      const key = keys.current.keyFor(JSON.stringify([chosen?.number, options]));
      const signal = new AbortController().signal;
      return startJob({ file: chosen?.file ?? null, options, signal, onSent: setSent }, key);
    },
    retry: (failures, error) => failures < 3 && asApiError(error).repeatable,
    onSuccess: () => queryClient.invalidateQueries({ queryKey: jobsKey }),
  });
  return { ...mutation, sent, forget: () => keys.current.forget() };
}

/** Creates a job and opens its page. */
export function useStart(chosen: Chosen | null, options: JobOptions) {
  const navigate = useNavigate();
  const job = useCreateJob(chosen);
  const start = () => {
    job.mutate(options, { onSuccess: ({ id }) => void navigate({ to: "/jobs/$jobId", params: { jobId: id } }) });
  };
  // Why something else was refused says nothing about what is asked for now.
  const holds = JSON.stringify(job.variables) === JSON.stringify(options);
  return { start, isPending: job.isPending, error: holds ? job.error : null, sent: job.sent };
}
