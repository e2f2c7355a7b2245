import type { JobStatus } from "../../api/types";
import { CheckCircleIcon, ClockIcon, CrossCircleIcon, PauseIcon, PlayIcon, StopIcon, WarningIcon } from "../../ui/icons";
import { Pill } from "../../ui/Pill";
import { statusText } from "../job/jobView";

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

export function StatusPill({ status }: { status: JobStatus }) {
  return <Pill {...looks[status]} label={statusText(status)} />;
}
