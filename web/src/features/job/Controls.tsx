import { Button, Group } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { api } from "../../api/client";
import { asApiError } from "../../api/problem";
import { jobQuery, jobsKey } from "../../api/queries";
import type { Job, JobStatus } from "../../api/types";
import { Dialog } from "../../ui/Dialog";
import { PauseIcon, PlayIcon, StopIcon } from "../../ui/icons";
import classes from "./Controls.module.css";
import { nounOf } from "./kinds";

type Verb = "pause" | "resume" | "cancel";

const verbs: Partial<Record<JobStatus, Verb[]>> = {
  queued: ["pause", "cancel"],
  running: ["pause", "cancel"],
  paused: ["resume", "cancel"],
  interrupted: ["resume", "cancel"],
};

interface ControlsProps {
  job: Job;
  /** The newest, which the job itself may lag behind. */
  status: JobStatus;
  size?: "xs" | "compact-xs";
}

/** Pause, resume, cancel: whichever the job's status allows. */
export function Controls({ job, status, size = "xs" }: ControlsProps) {
  const { id } = job;
  const [asking, setAsking] = useState(false);
  const { mutate, isPending, variables, error } = useCommand(id);
  const allowed = verbs[status] ?? [];
  const button = { size, variant: "default", disabled: isPending } as const;
  return (
    <Group gap="xs">
      {error && (
        <span role="alert" className={classes.error}>
          {asApiError(error).message}
        </span>
      )}
      {status === "cancelling" && <span className={classes.note}>Rows under way are being finished.</span>}
      {allowed.includes("pause") && (
        <Button {...button} leftSection={<PauseIcon size={14} />} loading={isPending && variables === "pause"} onClick={() => mutate("pause")}>
          Pause
        </Button>
      )}
      {allowed.includes("resume") && (
        <Button {...button} variant="filled" leftSection={<PlayIcon size={14} />} loading={isPending && variables === "resume"} onClick={() => mutate("resume")}>
          Resume
        </Button>
      )}
      {allowed.includes("cancel") && (
        <Button {...button} leftSection={<StopIcon size={14} />} onClick={() => setAsking(true)}>
          Cancel
        </Button>
      )}
      <ConfirmCancel job={job} opened={asking} close={() => setAsking(false)} confirm={() => mutate("cancel")} />
    </Group>
  );
}

function useCommand(id: string) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (verb: Verb) => api[verb](id),
    // The job is asked for again whatever came: a refusal usually means that its status has changed.
    onSettled: () =>
      Promise.all([jobQuery(id).queryKey, jobsKey].map((queryKey) => queryClient.invalidateQueries({ queryKey }))),
  });
}

interface ConfirmCancelProps {
  job: Job;
  opened: boolean;
  close: () => void;
  confirm: () => void;
}

function ConfirmCancel({ job, opened, close, confirm }: ConfirmCancelProps) {
  const go = () => {
    close();
    confirm();
  };
  const noun = nounOf(job);
  return (
    <Dialog title={`Cancel this ${noun}?`} opened={opened} close={close}>
      <p className={classes.text}>
        {consequence(job)} What is cancelled cannot be resumed: pause it instead if you want to go on later.
      </p>
      <Group justify="flex-end" gap="xs">
        <Button variant="default" onClick={close} data-autofocus>
          Keep the {noun}
        </Button>
        <Button color="red.8" onClick={go}>
          Cancel the {noun}
        </Button>
      </Group>
    </Dialog>
  );
}

/** What a cancelled job leaves behind. */
function consequence({ kind, dry_run: dryRun }: Job): string {
  if (dryRun) return "It has written nothing, and writes nothing now.";
  const finished = "What is under way is finished first.";
  switch (kind) {
    case "import":
      return `${finished} Users that were created stay in PingOne; the rows that are left are not sent.`;
    case "modify":
      return `${finished} Users that were changed stay as they are now; the rows that are left are not sent.`;
    case "delete":
      return `${finished} Users that were deleted stay so; the others are kept.`;
    case "export":
      return "No file is written, and users are left as they are.";
  }
}
