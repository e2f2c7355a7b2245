import { Button } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useEffect, useRef } from "react";

import { api } from "../../api/client";
import { isOver } from "../../api/jobStatus";
import { populationsQuery } from "../../api/queries";
import { plural } from "../../lib/format";
import { ButtonLink } from "../../ui/ButtonLink";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { DownloadIcon, RefreshIcon, TrashIcon } from "../../ui/icons";
import { Notice } from "../../ui/Notice";
import type { JobView } from "./jobView";
import { Passwords } from "./Passwords";
import { summary } from "./summary";

/** How it ended, what it wrote, and what can be done about what failed. */
export function SummaryNotice({ view }: { view: JobView }) {
  const told = summary(view);
  const ref = useFocusAtEnd(told !== null);
  if (!told) return null;
  const { job, counts } = view;
  const hasActions = (job.output ?? "") !== "" || (job.has_passwords ?? false) || counts.failed > 0;
  return (
    <Notice tone={told.tone} title={told.title} role="status" ref={ref} tabIndex={-1} actions={hasActions ? <Actions view={view} /> : undefined}>
      {told.text || undefined}
      {job.kind === "delete" && !job.dry_run && job.options.delete_population && job.population?.id && (
        <PopulationStays id={job.population.id} name={job.population.name} />
      )}
    </Notice>
  );
}

function Actions({ view }: { view: JobView }) {
  const { job, counts } = view;
  return (
    <>
      {job.output && <OutputLink view={view} output={job.output} />}
      {job.has_passwords && <Passwords id={job.id} />}
      {counts.failed > 0 && <FailedActions view={view} />}
    </>
  );
}

/** Whether the population that was to go with its users is still there. */
function PopulationStays({ id, name }: { id: string; name: string }) {
  const { data } = useQuery(populationsQuery);
  if (!data?.some((population) => population.id === id)) return null;
  return <p>The population {name} stays, because somebody is in it.</p>;
}

/** The file of an export, or the backup that a deletion made. */
export function OutputLink({ view: { job, status }, output }: { view: JobView; output: string }) {
  const main = job.kind === "export" && isOver(status);
  return (
    <Button component="a" href={api.fileUrl(job.id)} download size="xs" variant={main ? "filled" : "default"} leftSection={<DownloadIcon size={14} />}>
      Download {job.kind === "delete" ? "the backup, " : ""}
      {output}
    </Button>
  );
}

function FailedActions({ view: { job, counts } }: { view: JobView }) {
  const navigate = useNavigate();
  const retry = useMutation({
    mutationFn: () => api.retry(job.id),
    onSuccess: ({ id }) => navigate({ to: "/jobs/$jobId", params: { jobId: id } }),
  });
  const row = job.kind === "delete" ? "users" : "rows";
  return (
    <>
      <Button component="a" href={api.rejectsUrl(job.id)} download size="xs" variant="default" leftSection={<DownloadIcon size={14} />}>
        Download rejected {row} (CSV)
      </Button>
      {job.kind === "delete" && (
        <ButtonLink to="/delete" search={{ like: job.id }} size="xs" variant="default" leftSection={<TrashIcon size={14} />}>
          Plan again
        </ButtonLink>
      )}
      {job.kind !== "delete" && !job.dry_run && (
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
