import { Emitter } from "../realtime/emitter";

/** Whether the latest request got any answer. */
export const reachability = new Emitter<boolean>();

/** The server answered 401: the session has ended, or never was. */
export const signedOut = new Emitter();
