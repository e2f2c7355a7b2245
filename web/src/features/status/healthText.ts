import type { Health } from "../../api/types";
import { CheckCircleIcon, CrossCircleIcon, InfoIcon, WarningIcon } from "../../ui/icons";

export const looks = {
  healthy: { tone: "ok", icon: CheckCircleIcon, label: "Healthy" },
  degraded: { tone: "warn", icon: WarningIcon, label: "Degraded" },
  critical: { tone: "bad", icon: CrossCircleIcon, label: "Critical" },
  unknown: { tone: "plain", icon: InfoIcon, label: "Unknown" },
} as const;

export const meanings = {
  healthy: "The server has tried each way of delivering progress on itself, and all work.",
  degraded: "Imports work. A better way of delivering progress does not.",
  critical: "No way of delivering progress live works. Imports go on, and this page asks for news.",
  unknown: "The server does not answer, so nothing is known of it.",
};

/** What to show of the server's health: while no answer comes, the last one says nothing. */
export function shownHealth(last: Health | undefined, reached: boolean): { status: keyof typeof looks; health: Health | undefined } {
  return last && reached ? { status: last.status, health: last } : { status: "unknown", health: undefined };
}

export const tierNames: Record<string, string> = {
  websocket: "Socket.IO over WebSocket",
  polling: "Socket.IO over long-polling",
  adaptive: "Adaptive transport",
  "adaptive websocket": "over a WebSocket",
  "adaptive long_poll": "over held requests",
  "adaptive periodic": "over short requests",
  direct: "Direct WebSocket",
};

/** What the adaptive transport uses in turn, best first. */
export const carriers = ["websocket", "long_poll", "periodic"] as const;
