import { Anchor, Button } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useEffect } from "react";

import { healthQuery } from "../../api/queries";
import type { Health } from "../../api/types";
import { useRealtime } from "../../app/RealtimeProvider";
import { CheckCircleIcon, CrossCircleIcon } from "../../ui/icons";
import { PillButton } from "../../ui/Pill";
import { guideUrl } from "./guideUrl";
import classes from "./HealthBadge.module.css";
import { looks, meanings, tierNames } from "./healthText";
import { useHealth } from "./useHealth";
import { useHealthCheck } from "./useHealthCheck";

/** What the server says of itself. */
export function HealthBadge() {
  useHealthNews();
  const { status, health } = useHealth();
  return (
    <PillButton subject="Server" {...looks[status]}>
      <p>
        <strong>Server: {looks[status].label.toLowerCase()}</strong>
      </p>
      <p>{meanings[status]}</p>
      {health && <Details health={health} />}
      <CheckAgain />
    </PillButton>
  );
}

function CheckAgain() {
  const { mutate, isPending } = useHealthCheck();
  return (
    <Button size="compact-xs" variant="default" loading={isPending} onClick={() => mutate()}>
      Check again
    </Button>
  );
}

function Details({ health }: { health: Health }) {
  const tiers = Object.entries(health.tiers).filter(([, tier]) => tier.supported);
  return (
    <>
      {health.causes.map((cause) => (
        <p key={`${cause.tier} ${cause.code}`}>
          {cause.message} <Anchor inherit href={guideUrl(cause.doc)} target="_blank">What to do</Anchor>
        </p>
      ))}
      <ul className={classes.tiers}>
        {tiers.map(([name, tier]) => (
          <li key={name} data-ok={tier.ok}>
            {tier.ok ? <CheckCircleIcon size={14} /> : <CrossCircleIcon size={14} />}
            <span>
              {tierNames[name] ?? name}: {tier.ok ? "works" : "does not work"}
            </span>
          </li>
        ))}
      </ul>
      <p>
        Version {health.version}, <Link to="/status">details</Link>
      </p>
    </>
  );
}

/** The server tells changes of its health over the socket; the query only asks now and then. */
function useHealthNews(): void {
  const { live } = useRealtime();
  const queryClient = useQueryClient();
  useEffect(() => {
    const accept = (health: unknown) => {
      if (isHealth(health)) queryClient.setQueryData(healthQuery.queryKey, health);
    };
    const watch = () => {
      // Without an answer the periodic question is all there is, which does.
      if (live.status.phase === "connected") void live.request("watch_health", null).then(accept, () => undefined);
    };
    const forget = [live.on("health", accept), live.onStatus(watch)];
    watch();
    return () => forget.forEach((stop) => stop());
  }, [live, queryClient]);
}

function isHealth(value: unknown): value is Health {
  const statuses: unknown[] = ["healthy", "degraded", "critical"];
  return typeof value === "object" && value !== null && statuses.includes((value as Health).status);
}
