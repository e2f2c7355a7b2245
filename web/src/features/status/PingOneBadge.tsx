import { Code } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";

import { connectionQuery } from "../../api/queries";
import { CloudIcon } from "../../ui/icons";
import { PillButton } from "../../ui/Pill";

/** Which PingOne the users go to: the one thing that must never be mistaken. */
export function PingOneBadge() {
  const { data } = useQuery(connectionQuery);
  if (!data) return null;
  const where = data.simulator ? "Simulator" : `PingOne ${data.region ?? data.api_host}`;
  return (
    <PillButton subject="Target" tone={data.simulator ? "info" : "plain"} icon={CloudIcon} label={where}>
      <p>
        <strong>{where}</strong>
      </p>
      <p>{data.simulator ? "A PingOne on this computer, for trying things out. No real user is touched." : data.api_host}</p>
      <p>
        Environment <Code>{data.environment}</Code>
      </p>
    </PillButton>
  );
}
