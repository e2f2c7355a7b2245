import { Button } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useEffect, useRef } from "react";

import { api } from "../../api/client";
import { plural } from "../../lib/format";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { DownloadIcon, RefreshIcon } from "../../ui/icons";
import { Notice } from "../../ui/Notice";
import { type JobView, summary } from "./jobView";

/** How it ended, and what can be done about what failed. */
export function SummaryNotice({ view }: { view: JobView }) {
  const told = summary(view);
  const ref = useFocusAtEnd(told !== null);
  if (!told) return null;
  const actions = view.counts.failed > 0 ? <FailedActions view={view} /> : undefined;
  return (
    <Notice tone={told.tone} title={told.title} role="status" ref={ref} tabIndex={-1} actions={actions}>
      {told.text || undefined}
    </Notice>
  );
}

function FailedActions({ view: { job, counts } }: { view: JobView }) {
  const navigate = useNavigate();
  const retry = useMutation({
    mutationFn: () => api.retry(job.id),
    onSuccess: ({ id }) => navigate({ to: "/jobs/$jobId", params: { jobId: id } }),
  });
  return (
    <>
      <Button component="a" href={api.rejectsUrl(job.id)} download size="xs" variant="default" leftSection={<DownloadIcon size={14} />}>
        Download rejected rows (CSV)
      </Button>
      {!job.dry_run && (
        <Button size="xs" variant="default" leftSection={<RefreshIcon size={14} />} loading={retry.isPending} onClick={() => retry.mutate()}>
          Retry {plural(counts.failed, "failed row")}
        </Button>
      )}
      {retry.isError && <ErrorNotice what="The failed rows were not started again" error={retry.error} />}
    </>
  );
}

/** The buttons that had the focus vanish with the end of the job; the summary takes it over then. */
function useFocusAtEnd(over: boolean) {
  const ref = useRef<HTMLDivElement>(null);
  const wasOver = useRef(over);
  useEffect(() => {
    if (over && !wasOver.current && document.activeElement === document.body) ref.current?.focus({ preventScroll: true });
    wasOver.current = over;
  }, [over]);
  return ref;
}
