/** The server, or something that speaks for it, broke the protocol; the session cannot go on. */
export class ProtocolError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "ProtocolError";
  }
}
