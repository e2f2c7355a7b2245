import type { Cause, ConnectionStatus, SocketTier, Tier } from "../../realtime";

export interface ConnectionText {
  label: string;
  /** What it means for the person who waits for an import. */
  meaning: string;
  /** Why it is not better; null when it is the best. */
  reason: string | null;
}

const labels: Record<Tier, string> = {
  websocket: "Live: WebSocket",
  "long-polling": "Live: long-polling",
  periodic: "Periodic requests",
  connecting: "Connecting…",
  offline: "Server unreachable",
};

const meanings: Record<Tier, string> = {
  websocket: "Progress arrives the moment it happens.",
  "long-polling": "Progress arrives completely, sometimes a moment later than it would over a WebSocket.",
  periodic: "This page asks for news at short intervals. Progress is complete, and up to a few seconds late.",
  connecting: "This page is looking for the best way to receive progress.",
  offline: "This page shows the last known state. A running import goes on in the server, and this page catches up by itself.",
};

const reasons: Record<Cause, string> = {
  "websocket-refused":
    "The WebSocket was refused. Usually a proxy or a firewall between this browser and the server does not let WebSockets through.",
  "websocket-timeout":
    "The WebSocket got no answer in time. Usually a proxy or a security product accepts WebSockets and then swallows what they carry.",
  "websocket-cut":
    "The WebSocket was cut. It is tried again in the background. Usually a proxy between this browser and the server ends long connections.",
  "websocket-silent":
    "The WebSocket was open and nothing came through. It is tried again in the background. Usually a proxy or a security product is the reason.",
  "requests-not-held":
    "Requests that wait for news are cut or held back on the way, so this page uses short ones. Better ways are tried again in the background.",
  "socket-not-open":
    "No lasting connection could be opened. Usually a proxy between this browser and the server allows only short requests.",
  "socket-cut": "The lasting connection was cut. It is being opened again in the background.",
  "socket-silent": "The lasting connection was open and delivered nothing. It is being opened again in the background.",
  "subscription-refused": "The server did not accept the subscription to this import. It is tried again every few seconds.",
  "server-unreachable":
    "No request gets an answer. Check that pingone-import serve is running and that this computer is on the network.",
};

export function connectionText({ tier, cause }: ConnectionStatus): ConnectionText {
  return { label: labels[tier], meaning: meanings[tier], reason: cause && reasons[cause] };
}

const names: Record<SocketTier, string> = { websocket: "WebSocket", "long-polling": "long-polling", periodic: "periodic requests" };

/** A tier in the middle of a sentence. */
export function tierName(tier: SocketTier): string {
  return names[tier];
}
