import { AdaptiveStatus } from "./status.js";

/** The part of the client's `Manager` that is used; all of it has the same names in a minified client. */
interface Manager {
  opts?: { transportOptions?: Record<string, object> };
  engine?: { transport?: object };
}

export type SocketOrManager = object;

/**
 * The status of a connection.
 *
 * A Manager makes an Engine, and this a transport, for each session, all from the Manager's options; so the status that
 * outlives them is kept there.
 */
export function statusOf(socket: SocketOrManager, transport: new (...args: never[]) => { status: AdaptiveStatus }): AdaptiveStatus {
  const manager = ((socket as { io?: Manager }).io ?? socket) as Manager;
  const { adaptive } = (manager.opts?.transportOptions ?? {}) as { adaptive?: { status?: AdaptiveStatus } };
  if (adaptive?.status) return adaptive.status;
  const current = manager.engine?.transport;
  const status = current instanceof transport ? current.status : new AdaptiveStatus();
  // Anew, because an application may give the same options to several Managers.
  manager.opts = { ...manager.opts, transportOptions: { ...manager.opts?.transportOptions, adaptive: { ...adaptive, status } } };
  return status;
}
