import type { Job } from "../../api/types";
import type { CountsAt } from "../../realtime";
import { count, percent, plural } from "../../lib/format";
import { kinds, nounOf, outcomeLook } from "./kinds";
import { outcomeNames } from "./outcomes";
import classes from "./ProgressBar.module.css";

interface ProgressBarProps {
  job: Job;
  counts: CountsAt;
  active: boolean;
}

/** What is done, split by outcome. The counters below say the same in figures. */
export function ProgressBar({ job, counts, active }: ProgressBarProps) {
  const { processed, total } = counts;
  return (
    <div
      className={classes.bar}
      role="progressbar"
      aria-label={`Progress of the ${nounOf(job)}`}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={percent(processed, total)}
      aria-valuetext={`${count(processed)} of ${plural(total, kinds[job.kind].row)}`}
      data-active={active}
    >
      {outcomeNames.map((name) => (
        <span key={name} data-tone={outcomeLook(job, name).tone} style={{ width: `${total > 0 ? (counts[name] / total) * 100 : 0}%` }} />
      ))}
    </div>
  );
}
