export { RealtimeClient } from "./client";
export { type CursorSource, CursorRefused, type EventPage } from "./cursor";
export { parseJobEvent } from "./events";
export type { CompletionEvent, Counts, JobEvent, LedgerRow, Outcome, TroubleEvent } from "./events";
export { type FeedSnapshot, JobFeed } from "./feed";
export { type CountsAt, type JobProgress, KEPT_ROWS, noProgress } from "./progress";
export { SocketIoTransport } from "./socketio";
export type { Cause, ConnectionStatus, Tier } from "./status";
export type { ConnectionDetail, LiveTransport, SocketTier } from "./transport";
