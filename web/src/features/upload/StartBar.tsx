import { Button } from "@mantine/core";
import type { ReactNode } from "react";

import { percent } from "../../lib/format";
import { ErrorNotice } from "../../ui/ErrorNotice";
import classes from "../../ui/steps.module.css";
import { TrialResult } from "../job/TrialResult";
import type { useStart } from "./useStart";
import type { Trial } from "./useTrial";

interface StartBarProps {
  ready: boolean;
  /** The button that writes nothing. */
  trial: Trial;
  trialLabel: string;
  trialIcon: ReactNode;
  /** The button that does it. */
  start: ReturnType<typeof useStart>;
  label: string;
  icon: ReactNode;
  /** What is said when it was refused. */
  refusal: string;
  trialRefusal?: string;
  hasFile: boolean;
  /** Said beside the buttons: where it is done. */
  children: ReactNode;
}

/** The last step: try it out, see what it would do, do it. */
export function StartBar({ ready, trial, trialLabel, trialIcon, start, label, icon, refusal, trialRefusal = "It could not be tried out", hasFile, children }: StartBarProps) {
  const sending = trial.isPending ? trial.sent : start.isPending ? start.sent : null;
  return (
    <>
      {start.error && <ErrorNotice what={refusal} error={start.error} retry={start.start} />}
      {trial.error && <ErrorNotice what={trialRefusal} error={trial.error} retry={trial.start} />}
      <div className={classes.bar}>
        <Button size="md" leftSection={icon} disabled={!ready} loading={start.isPending} onClick={start.start}>
          {label}
        </Button>
        <Button size="md" variant="default" leftSection={trialIcon} disabled={!ready} loading={trial.isPending} onClick={trial.start}>
          {trialLabel}
        </Button>
        <span className={classes.target} aria-live="polite">
          {sending !== null && hasFile ? `Sending the file, ${percent(sending, 1)} %` : children}
        </span>
      </div>
      {trial.id && (
        <div className={classes.trial}>
          <TrialResult key={trial.id} id={trial.id} />
        </div>
      )}
    </>
  );
}
