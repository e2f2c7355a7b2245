import { count } from "../../lib/format";
import classes from "./Counters.module.css";
import type { JobView } from "./jobView";
import { outcomeLook, outcomeWord, shownOutcomes } from "./kinds";

export function Counters({ view: { job, counts } }: { view: JobView }) {
  return (
    <dl className={classes.counters}>
      {shownOutcomes(job.kind, counts).map((name) => {
        const { icon: Icon, tone } = outcomeLook(job, name);
        return (
          <div key={name} data-tone={counts[name] > 0 ? tone : "plain"}>
            <dt>
              <Icon size={15} />
              {outcomeWord(job, name)}
            </dt>
            <dd data-testid={`count-${name}`}>{count(counts[name])}</dd>
          </div>
        );
      })}
      <div data-tone="plain">
        <dt>Left</dt>
        <dd data-testid="count-left">{count(Math.max(0, counts.total - counts.processed))}</dd>
      </div>
    </dl>
  );
}
