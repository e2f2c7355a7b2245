import { useSyncExternalStore } from "react";

import { useRealtime } from "../../app/RealtimeProvider";
import type { ConnectionDetail, Tier } from "../../realtime";
import { clockTime } from "../../lib/format";
import { BoltIcon, ClockIcon, OfflineIcon, RefreshIcon } from "../../ui/icons";
import { PillButton } from "../../ui/Pill";
import classes from "./ConnectionBadge.module.css";
import { connectionText, tierName } from "./connectionText";

const looks = {
  websocket: { tone: "ok", icon: BoltIcon },
  "long-polling": { tone: "info", icon: RefreshIcon },
  periodic: { tone: "warn", icon: ClockIcon },
  connecting: { tone: "plain", icon: ClockIcon },
  offline: { tone: "bad", icon: OfflineIcon },
} as const satisfies Record<Tier, unknown>;

/** How progress reaches this page, and why not better. */
export function ConnectionBadge() {
  const realtime = useRealtime();
  const status = useSyncExternalStore(
    (listener) => realtime.subscribe(listener),
    () => realtime.status,
  );
  const detail = useSyncExternalStore(
    (listener) => realtime.live.onStatus(listener),
    () => realtime.live.detail,
  );
  const { label, meaning, reason } = connectionText(status);
  return (
    <>
      <PillButton subject="Connection" label={label} {...looks[status.tier]}>
        <p>
          <strong>{label}</strong>, since {clockTime(status.since)}
        </p>
        <p>{meaning}</p>
        {reason && <p>{reason}</p>}
        {detail && <Detail {...detail} />}
      </PillButton>
      <span className="visually-hidden" role="status" data-testid="connection" data-tier={status.tier}>
        {status.tier === "connecting" ? "" : `Connection: ${label}`}
      </span>
    </>
  );
}

function Detail({ roundTrip, lastSwitch }: ConnectionDetail) {
  return (
    <dl className={classes.detail}>
      <dt>Round trip</dt>
      <dd>{roundTrip === null ? "not measured yet" : `${roundTrip} ms`}</dd>
      {lastSwitch?.from && (
        <>
          <dt>Last change</dt>
          <dd>
            {tierName(lastSwitch.from)} to {tierName(lastSwitch.to)} at {clockTime(lastSwitch.at)}
            {lastSwitch.gap > 0 && `, ${lastSwitch.gap} ms without a connection, nothing lost`}
          </dd>
        </>
      )}
    </dl>
  );
}
