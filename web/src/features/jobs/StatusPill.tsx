import type { JobStatus } from "../../api/types";
import { CheckCircleIcon, ClockIcon, CrossCircleIcon, PauseIcon, PlayIcon, StopIcon, WarningIcon } from "../../ui/icons";
import { Pill } from "../../ui/Pill";
import tables from "../../ui/tables.module.css";
import { statusText } from "../job/summary";

const looks = {
  queued: { tone: "plain", icon: ClockIcon },
  running: { tone: "info", icon: PlayIcon },
  paused: { tone: "warn", icon: PauseIcon },
  cancelling: { tone: "warn", icon: StopIcon },
  interrupted: { tone: "warn", icon: WarningIcon },
  completed: { tone: "ok", icon: CheckCircleIcon },
  cancelled: { tone: "plain", icon: StopIcon },
  failed: { tone: "bad", icon: CrossCircleIcon },
} as const satisfies Record<JobStatus, unknown>;

/** The same without a frame, for where there are many. */
export function StatusText({ status }: { status: JobStatus }) {
  const { icon: Icon, tone } = looks[status];
  return (
    <span className={tables.status} data-tone={tone}>
      <Icon size={14} />
      {statusText(status)}
    </span>
  );
}

export function StatusPill({ status }: { status: JobStatus }) {
  return <Pill {...looks[status]} label={statusText(status)} />;
}
