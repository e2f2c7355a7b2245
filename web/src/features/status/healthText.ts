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
  unknown: "The server has not answered yet.",
};

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
