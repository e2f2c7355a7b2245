/** A network whose other end is written down, for the vectors `numbering` and `resume`. */

import type { SocketLike } from "../../src/index.js";
import { readBody } from "../../src/body.js";
import type { Wire } from "../../src/packet.js";

export interface Said {
  opens: number[];
  sends: { websocket: number; texts: string[] }[];
  requests: { carrier: string; epoch: number; ack: number; first?: number; packets?: string[] }[];
}

interface Underway {
  /** Whether the server may hold it, and so may answer with packets. */
  mayHold: boolean;
  resolve: (response: Response) => void;
  reject: (error: Error) => void;
}

export class ScriptedNetwork {
  readonly #sockets: ScriptedSocket[] = [];
  #underway: Underway[] = [];
  #requests: Said["requests"] = [];
  #noted = 0;

  readonly openWebSocket = (): SocketLike => {
    const socket = new ScriptedSocket();
    this.#sockets.push(socket);
    return socket;
  };

  readonly fetch = (input: string, { signal, body }: RequestInit = {}): Promise<Response> => {
    const query = new URL(input).searchParams;
    this.#note(query, body as string);
    return new Promise((resolve, reject) => {
      const underway = { mayHold: query.get("hold") !== "0", resolve, reject };
      this.#underway.push(underway);
      signal?.addEventListener("abort", () => {
        this.#underway = this.#underway.filter((it) => it !== underway);
        reject(signal.reason as Error);
      });
    });
  };

  socket(number: number): ScriptedSocket {
    const socket = this.#sockets[number - 1];
    if (!socket) throw new Error(`there is no WebSocket ${number}`);
    return socket;
  }

  /** Answers all requests under way; those that only send get what the body begins with. */
  answer(body: string): void {
    const underway = this.#underway;
    this.#underway = [];
    const beginning = body.slice(0, body.indexOf("\x1e") + 1 || undefined);
    for (const { mayHold, resolve } of underway) resolve(response(mayHold ? body : beginning));
  }

  fail(): void {
    const underway = this.#underway;
    this.#underway = [];
    underway.forEach(({ reject }) => reject(new TypeError("fetch failed")));
  }

  /** What has been said since it was asked last, in the form of the vectors. */
  take(): Said {
    const opens = this.#sockets.slice(this.#noted).map((_, index) => this.#noted + index + 1);
    this.#noted = this.#sockets.length;
    const sends = this.#sockets.map((socket, index) => ({ websocket: index + 1, texts: socket.take() }));
    const requests = this.#requests.sort((a, b) => a.epoch - b.epoch);
    this.#requests = [];
    return { opens, sends: sends.filter(({ texts }) => texts.length > 0), requests };
  }

  /** Requests of one epoch count as one, because an implementation may say in one or in several what it has to say. */
  #note(query: URLSearchParams, body: string): void {
    const [epoch, ack] = [Number(query.get("epoch")), Number(query.get("ack"))];
    const carrier = query.get("carrier") ?? "";
    let said = this.#requests.find((it) => it.epoch === epoch && it.carrier === carrier);
    if (!said) this.#requests.push((said = { carrier, epoch, ack }));
    said.ack = Math.max(said.ack, ack);
    for (const chunk of readBody(body)) {
      if (chunk.type === "first") said.first ??= chunk.first;
      else if (chunk.type === "packet") (said.packets ??= []).push(chunk.wire as string);
    }
  }
}

class ScriptedSocket {
  binaryType = "";
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: ((event: { code?: number }) => void) | null = null;
  onerror: ((event: unknown) => void) | null = null;
  #sent: string[] = [];
  #question = "";

  /** Questions are answered in their turn; everything else is noted. */
  send(data: Wire): void {
    if (typeof data !== "string") throw new Error("no vector is about binary");
    if (data.startsWith("p")) this.#question = data;
    else this.#sent.push(data);
  }

  close(): void {
    this.onopen = this.onmessage = this.onclose = this.onerror = null;
  }

  pong(): void {
    this.onmessage?.({ data: this.#question.replace("p", "o") });
  }

  take(): string[] {
    const sent = this.#sent;
    this.#sent = [];
    return sent;
  }
}

/** One that can be read without waiting for more than promises. */
function response(body: string): Response {
  return { status: 200, headers: new Headers(), text: () => Promise.resolve(body) } as unknown as Response;
}
