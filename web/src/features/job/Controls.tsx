import { Button, Group, Modal } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { api } from "../../api/client";
import { asApiError } from "../../api/problem";
import { jobQuery } from "../../api/queries";
import type { JobStatus } from "../../api/types";
import { PauseIcon, PlayIcon, StopIcon } from "../../ui/icons";
import classes from "./Controls.module.css";

type Verb = "pause" | "resume" | "cancel";

const verbs: Partial<Record<JobStatus, Verb[]>> = {
  queued: ["pause", "cancel"],
  running: ["pause", "cancel"],
  paused: ["resume", "cancel"],
  interrupted: ["resume", "cancel"],
};

/** Pause, resume, cancel: whichever the job's status allows. */
export function Controls({ id, status }: { id: string; status: JobStatus }) {
  const [asking, setAsking] = useState(false);
  const { mutate, isPending, variables, error } = useCommand(id);
  const allowed = verbs[status] ?? [];
  const button = { size: "xs", variant: "default", disabled: isPending } as const;
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
      <ConfirmCancel opened={asking} close={() => setAsking(false)} confirm={() => mutate("cancel")} />
    </Group>
  );
}

function useCommand(id: string) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (verb: Verb) => api[verb](id),
    // The job is asked for again whatever came: a refusal usually means that its status has changed.
    onSettled: () => queryClient.invalidateQueries({ queryKey: jobQuery(id).queryKey }),
  });
}

interface ConfirmCancelProps {
  opened: boolean;
  close: () => void;
  confirm: () => void;
}

function ConfirmCancel({ opened, close, confirm }: ConfirmCancelProps) {
  const go = () => {
    close();
    confirm();
  };
  return (
    <Modal opened={opened} onClose={close} title={<strong>Cancel this import?</strong>} centered>
      <p className={classes.text}>
        Rows that are under way are finished first. Users that were created stay in PingOne; the rows that are left are not
        sent. A cancelled import cannot be resumed: pause it instead if you want to go on later.
      </p>
      <Group justify="flex-end" gap="xs">
        <Button variant="default" onClick={close} data-autofocus>
          Keep the import
        </Button>
        <Button color="red.8" onClick={go}>
          Cancel the import
        </Button>
      </Group>
    </Modal>
  );
}
