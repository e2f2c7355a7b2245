import type { CountsAt } from "../../realtime";
import { count, percent } from "../../lib/format";
import { outcomeNames } from "./outcomes";
import classes from "./ProgressBar.module.css";

interface ProgressBarProps {
  counts: CountsAt;
  active: boolean;
}

/** What is done, split by outcome. The counters below say the same in figures. */
export function ProgressBar({ counts, active }: ProgressBarProps) {
  const { processed, total } = counts;
  return (
    <div
      className={classes.bar}
      role="progressbar"
      aria-label="Progress of the import"
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={percent(processed, total)}
      aria-valuetext={`${count(processed)} of ${count(total)} rows`}
      data-active={active}
    >
      {outcomeNames.map((name) => (
        <span key={name} data-outcome={name} style={{ width: `${total > 0 ? (counts[name] / total) * 100 : 0}%` }} />
      ))}
    </div>
  );
}
