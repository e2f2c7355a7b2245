import { CheckCircleIcon, CrossCircleIcon, InfoIcon, WarningIcon } from "./icons";

/** What a message is: each tone has a colour and an icon, never a colour alone. */
export type Tone = "ok" | "info" | "warn" | "bad";

export const toneIcons = { ok: CheckCircleIcon, info: InfoIcon, warn: WarningIcon, bad: CrossCircleIcon } as const;
