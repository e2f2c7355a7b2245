import { size } from "../packet.js";

/** Not the server's answer, but that of something on the way. */
export class Foreign extends Error {}

/** The body of a response. `heard` is told of each part that comes, or else how many bytes are to come at once. */
export async function readText(response: Response, maxPayload: number, heard: (bytes?: number) => void): Promise<{ text: string; bytes: number }> {
  // React Native, and what is used instead of the global `fetch`, may have no such stream.
  const body = response.body as { getReader?: () => ReadableStreamDefaultReader<Uint8Array> } | null | undefined;
  const reader = body?.getReader?.();
  if (!reader) {
    heard(Number(response.headers.get("content-length") ?? maxPayload));
    const text = await response.text();
    return { text, bytes: size(text) };
  }
  const decode = decoder(response.status === 200);
  let [text, bytes] = ["", 0];
  for (;;) {
    heard();
    const { done, value } = await reader.read();
    if (done) return { text: text + decode(), bytes };
    bytes += value.byteLength;
    text += decode(value);
  }
}

/** Decodes parts, and what is left when it is given none. */
function decoder(fatal: boolean): (part?: Uint8Array) => string {
  const decoder = new TextDecoder("utf-8", { fatal, ignoreBOM: true });
  return (part) => {
    try {
      return decoder.decode(part, { stream: part !== undefined });
    } catch {
      throw new Foreign("an answer that is not UTF-8");
    }
  };
}
