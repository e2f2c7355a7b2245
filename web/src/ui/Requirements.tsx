import { CheckCircleIcon, WarningIcon } from "./icons";
import classes from "./steps.module.css";

export interface Requirement {
  label: string;
  met: boolean;
  /** What to do about it. */
  advice: string;
}

/** What has to be true before a button may be pressed. */
export function Requirements({ list }: { list: readonly Requirement[] }) {
  return (
    <ul className={classes.list} aria-label="What is needed">
      {list.map(({ label, met, advice }) => (
        <li key={label} data-met={met}>
          {met ? <CheckCircleIcon size={16} /> : <WarningIcon size={16} />}
          <span>
            {label}
            {!met && <span className={classes.advice}>{advice && ` – ${advice}`}</span>}
            <span className="visually-hidden">{met ? " (done)" : " (not yet)"}</span>
          </span>
        </li>
      ))}
    </ul>
  );
}
