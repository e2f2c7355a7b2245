import { count } from "../../lib/format";
import type { CountsAt } from "../../realtime";
import classes from "./Counters.module.css";
import { outcomeLooks, shownOutcomes } from "./outcomes";

export function Counters({ counts }: { counts: CountsAt }) {
  return (
    <dl className={classes.counters}>
      {shownOutcomes(counts).map((name) => {
        const { word, icon: Icon, tone } = outcomeLooks[name];
        return (
          <div key={name} data-tone={counts[name] > 0 ? tone : "plain"}>
            <dt>
              <Icon size={15} />
              {word}
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
