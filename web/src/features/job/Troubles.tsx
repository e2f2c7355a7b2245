import { clockTime } from "../../lib/format";
import type { TroubleEvent } from "../../realtime";
import { Notice } from "../../ui/Notice";
import classes from "./Troubles.module.css";

const SHOWN = 3;

interface TroublesProps {
  /** Newest first. */
  troubles: readonly TroubleEvent[];
  over: boolean;
  /** What the job is, in a sentence. */
  noun: string;
}

/** Trouble of the whole job, such as being throttled. The summary speaks for it once the job is over. */
export function Troubles({ troubles: all, over, noun }: TroublesProps) {
  // Those about other jobs have a place of their own.
  const troubles = all.filter(({ code }) => code !== "same_users");
  if (over || troubles.length === 0) return null;
  const fatal = troubles.some((trouble) => trouble.fatal);
  return (
    <Notice tone={fatal ? "bad" : "warn"} title={fatal ? `The ${noun} cannot go on` : `The ${noun} met with trouble and goes on`} role="status">
      <ul className={classes.list}>
        {troubles.slice(0, SHOWN).map((trouble) => (
          <li key={trouble.seq}>
            <time dateTime={trouble.at}>{clockTime(trouble.at)}</time> {trouble.message}
          </li>
        ))}
      </ul>
    </Notice>
  );
}
