import type { ReactNode, Ref } from "react";

import classes from "./Notice.module.css";
import { type Tone, toneIcons } from "./tone";

interface NoticeProps {
  tone: Tone;
  title: ReactNode;
  children?: ReactNode;
  actions?: ReactNode;
  /** `alert` interrupts a screen reader; leave it out for what was there from the beginning. */
  role?: "alert" | "status";
  ref?: Ref<HTMLDivElement>;
  tabIndex?: -1;
}

/** What happened, what it means, what to do. */
export function Notice({ tone, title, children, actions, ...rest }: NoticeProps) {
  const Icon = toneIcons[tone];
  return (
    <div className={classes.notice} data-tone={tone} {...rest}>
      <span className={classes.icon}>
        <Icon size={18} />
      </span>
      <div className={classes.body}>
        <div className={classes.title}>{title}</div>
        {children !== undefined && <div className={classes.text}>{children}</div>}
        {actions !== undefined && <div className={classes.actions}>{actions}</div>}
      </div>
    </div>
  );
}
