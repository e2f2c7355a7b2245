import { createContext, type ReactNode, use, useEffect, useState } from "react";

import { jobEvents } from "../api/events";
import { reachability, signedOut } from "../api/signals";
import { RealtimeClient, SocketIoTransport } from "../realtime";

const RealtimeContext = createContext<RealtimeClient | null>(null);

/** Opens the connection for news, and closes it with the page that it is for. */
export function RealtimeProvider({ children }: { children: ReactNode }) {
  const [client] = useState(() => new RealtimeClient(new SocketIoTransport({ onSessionEnded: () => signedOut.emit() }), jobEvents));
  useEffect(() => {
    client.open();
    const forget = reachability.add((reached) => client.monitor.requested(reached));
    const nudge = () => document.visibilityState === "visible" && client.nudge();
    document.addEventListener("visibilitychange", nudge);
    globalThis.addEventListener("online", nudge);
    return () => {
      document.removeEventListener("visibilitychange", nudge);
      globalThis.removeEventListener("online", nudge);
      forget();
      client.close();
    };
  }, [client]);
  return <RealtimeContext value={client}>{children}</RealtimeContext>;
}

export function useRealtime(): RealtimeClient {
  const client = use(RealtimeContext);
  if (!client) throw new Error("useRealtime needs a RealtimeProvider");
  return client;
}
