import type { ReactNode } from "react";

import classes from "./ScrollBox.module.css";

interface ScrollBoxProps {
  label: string;
  maxHeight: number;
  children: ReactNode;
}

/** Content that scrolls by itself in either direction, by keyboard too. */
export function ScrollBox({ label, maxHeight, children }: ScrollBoxProps) {
  return (
    // A region that scrolls must be reachable by keyboard to be scrolled by it.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div className={classes.box} role="region" aria-label={label} tabIndex={0} style={{ maxHeight }}>
      {children}
    </div>
  );
}
