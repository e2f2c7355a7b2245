import type { ReactNode } from "react";

import classes from "./Card.module.css";

interface CardProps {
  title: ReactNode;
  /** Level of the heading in the page. */
  level?: 2 | 3;
  /** Number of the step in a sequence. */
  step?: number;
  aside?: ReactNode;
  children: ReactNode;
}

/** A titled part of the page. */
export function Card({ title, level = 2, step, aside, children }: CardProps) {
  const Heading = `h${level}` as const;
  return (
    <section className={classes.card}>
      <header className={classes.header}>
        <Heading className={classes.title}>
          {step !== undefined && <span className={classes.step}>{step}</span>}
          {title}
        </Heading>
        {aside}
      </header>
      {children}
    </section>
  );
}
