import { useQuery } from "@tanstack/react-query";

import { connectionQuery } from "../../api/queries";

/** The PingOne that jobs run against, in a sentence. */
export function Where() {
  const { data: connection } = useQuery(connectionQuery);
  if (!connection) return <>PingOne</>;
  return <>{connection.simulator ? "the simulator" : `PingOne ${connection.region ?? connection.api_host}`}</>;
}
