import type { ReactNode } from "react";

import classes from "../../ui/page.module.css";
import { useTitle } from "../../ui/useTitle";
import { JobsCard } from "./JobsCard";

interface PageWithJobsProps {
  title: string;
  /** What a person wants to know before the first step. */
  lead: string;
  children: ReactNode;
}

/** A page on which a job is prepared, with the newest jobs beside it. */
export function PageWithJobs({ title, lead, children }: PageWithJobsProps) {
  useTitle(title);
  return (
    <div className={classes.page}>
      <div className={classes.flow}>
        <div>
          <h1 className={classes.heading}>{title}</h1>
          <p className={classes.lead}>{lead}</p>
        </div>
        {children}
      </div>
      <aside className={classes.aside} aria-label="Recent jobs">
        <JobsCard />
      </aside>
    </div>
  );
}
