export { Adaptive } from "./adaptive.js";
export type { SocketLike } from "./carriers/carrier.js";
export type { Cause, Failure, Tier } from "./ladder/index.js";
export type { AdaptiveOptions } from "./options.js";
export { AdaptiveStatus, type Phase, type Snapshot, type StatusEvents, type Switch } from "./status.js";
