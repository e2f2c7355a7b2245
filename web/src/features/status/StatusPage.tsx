import { Anchor, Button, Code, Table } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useSyncExternalStore } from "react";

import { healthHistoryQuery } from "../../api/queries";
import type { Health } from "../../api/types";
import { useRealtime } from "../../app/RealtimeProvider";
import { clockTime, duration } from "../../lib/format";
import { Card } from "../../ui/Card";
import { CheckCircleIcon, CrossCircleIcon } from "../../ui/icons";
import { Notice } from "../../ui/Notice";
import { Pill } from "../../ui/Pill";
import tables from "../../ui/tables.module.css";
import { useTitle } from "../../ui/useTitle";
import { connectionText } from "./connectionText";
import { guideUrl } from "./guideUrl";
import { carriers, looks, meanings, tierNames } from "./healthText";
import { HistoryCard } from "./HistoryCard";
import classes from "./StatusPage.module.css";
import { useHealth } from "./useHealth";
import { useHealthCheck } from "./useHealthCheck";

type Tier = Health["tiers"]["adaptive"];

/** How the server is, how it was, and how this page hears of it. */
export function StatusPage() {
  useTitle("Status");
  const { status, health } = useHealth();
  const { data: history } = useQuery(healthHistoryQuery);
  const { mutate, isPending } = useHealthCheck();
  const check = (
    <Button size="compact-sm" variant="default" loading={isPending} onClick={() => mutate()}>
      Check again
    </Button>
  );
  return (
    <div className={classes.page}>
      <h1 className="visually-hidden">Status of the server</h1>
      <Card title={<>Live progress <Pill {...looks[status]} /></>} aside={check}>
        <p>{meanings[status]}</p>
        {health?.unconfirmed && <p>The last test found it {health.unconfirmed}; another test will tell whether that stays so.</p>}
        {health && <Facts health={health} />}
        {health && health.causes.length > 0 && <Causes causes={health.causes} tone={status === "critical" ? "bad" : "warn"} />}
        {health && <TiersTable label="Through the server itself" tiers={health.tiers} />}
        {health?.public && <TiersTable label={`Through ${health.public.url}`} tiers={health.public.tiers} />}
      </Card>
      <ThisPage />
      {history && <HistoryCard history={history} />}
      <Card title="From somewhere else">
        <p>
          The server tests itself from the inside. To find out what is on the way from another computer, run this there:
        </p>
        <Code block tabIndex={0}>pingone-import doctor {globalThis.location.origin} --idle 60s</Code>
      </Card>
    </div>
  );
}

/** What is wrong, each trouble once, with everything that showed it. */
function Causes({ causes, tone }: { causes: Health["causes"]; tone: "bad" | "warn" }) {
  const codes = [...new Set(causes.map((cause) => cause.code))];
  return (
    <div className={classes.causes}>
      {codes.map((code) => {
        const shown = causes.filter((cause) => cause.code === code);
        return (
          <Notice key={code} tone={tone} title={code}>
            <ul className={classes.shown}>
              {shown.map((cause) => (
                <li key={cause.tier}>{cause.message}</li>
              ))}
            </ul>
            {shown[0] && (
              <Anchor inherit underline="always" href={guideUrl(shown[0].doc)} target="_blank">
                What to do
              </Anchor>
            )}
          </Notice>
        );
      })}
    </div>
  );
}

function Facts({ health }: { health: Health }) {
  const since = health.since && `since ${clockTime(health.since)}`;
  const checked = health.checked_at && `last tested at ${clockTime(health.checked_at)}`;
  const facts = [since, checked, `version ${health.version}`, `running for ${duration(health.uptime_seconds)}`];
  return <p className={tables.soft}>{facts.filter(Boolean).join(" · ")}</p>;
}

interface Row {
  name: string;
  /** One of several carriers of the transport above it. */
  isPart: boolean;
  ok: boolean;
  ms?: number | null;
  detail: string;
}

function rowsOf(name: string, tier: Tier): Row[] {
  const upgrade = tier.upgrade == null ? "" : tier.upgrade ? "; upgraded to a WebSocket" : "; not upgraded";
  const parts = carriers.flatMap((carrier) => {
    const seen = tier.carriers?.[carrier];
    return seen ? [{ ...seen, name: `${name} ${carrier}`, isPart: true }] : [];
  });
  return [{ ...tier, name, isPart: false, detail: tier.detail + upgrade }, ...parts];
}

function TiersTable({ label, tiers }: { label: string; tiers: Health["tiers"] }) {
  const rows = Object.entries(tiers).flatMap(([name, tier]) => (tier.supported ? rowsOf(name, tier) : []));
  return (
    <Table className={`${tables.table} ${classes.tiers}`} verticalSpacing={6}>
      <Table.Caption className="visually-hidden">{label}</Table.Caption>
      <Table.Thead>
        <Table.Tr>
          <Table.Th scope="col">{label}</Table.Th>
          <Table.Th scope="col">State</Table.Th>
          <Table.Th scope="col" className={tables.number}>
            Time
          </Table.Th>
          <Table.Th scope="col">What was seen</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {rows.map(({ name, isPart, ok, ms, detail }) => (
          <Table.Tr key={name}>
            <Table.Th scope="row" className={isPart ? classes.part : tables.key}>
              {tierNames[name] ?? name}
            </Table.Th>
            <Table.Td>
              <span className={tables.status} data-tone={ok ? "ok" : "bad"}>
                {ok ? <CheckCircleIcon size={14} /> : <CrossCircleIcon size={14} />}
                {ok ? "works" : "does not work"}
              </span>
            </Table.Td>
            <Table.Td className={tables.number}>{ms == null ? "" : `${ms} ms`}</Table.Td>
            <Table.Td className={classes.detail}>{detail}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

function ThisPage() {
  const realtime = useRealtime();
  const status = useSyncExternalStore(
    (listener) => realtime.subscribe(listener),
    () => realtime.status,
  );
  const { label, meaning, reason } = connectionText(status);
  return (
    <Card title="This page">
      <p>
        <strong>{label}</strong>, since {clockTime(status.since)}
      </p>
      <p>{meaning}</p>
      {reason && <p>{reason}</p>}
    </Card>
  );
}
