import { ApiError, problemFrom, unreachable } from "./problem";
import { reachability, signedOut } from "./signals";
import type { JobOptions, Preview } from "./types";

interface Upload {
  /** The users; null where they come from a search in PingOne. */
  file: File | null;
  options: JobOptions;
  signal: AbortSignal;
  /** Called with the share of the file that is on its way, 0 to 1. */
  onSent?: (share: number) => void;
}

export function preview(upload: Upload): Promise<Preview> {
  return send("/api/preview", upload, {}) as Promise<Preview>;
}

/** The users whom a file names, one on each line, in whatever encoding it is. */
export async function protectedUsersIn(file: File, signal: AbortSignal): Promise<string[]> {
  const { names } = (await send("/api/protected", { file, options: { kind: "delete" }, signal }, {})) as { names: string[] };
  return names;
}

/** Starts a job. The same key starts it once, however often the request is repeated. */
export function startJob(upload: Upload, idempotencyKey: string): Promise<{ id: string }> {
  return send("/api/jobs", upload, { "Idempotency-Key": idempotencyKey }) as Promise<{ id: string }>;
}

/** `fetch` does not report how much of a body has been sent, so this is an `XMLHttpRequest`. */
async function send(path: string, upload: Upload, headers: Record<string, string>): Promise<unknown> {
  const form = new FormData();
  // The options come first, so that the server knows them when the file begins to arrive.
  form.append("options", JSON.stringify(upload.options));
  if (upload.file) form.append("file", upload.file, upload.file.name);
  const request = await exchange(path, form, headers, upload).catch(async (error: unknown) => {
    throw (upload.file && (await changedOnDisk(upload.file))) ?? error;
  });
  if (request.status === 401) signedOut.emit();
  const body = parse(request.responseText);
  if (request.status >= 200 && request.status < 300 && body !== null) return body;
  throw problemFrom(request.status, body);
}

function exchange(path: string, form: FormData, headers: Record<string, string>, { signal, onSent }: Upload) {
  return new Promise<XMLHttpRequest>((resolve, reject) => {
    signal.throwIfAborted();
    const request = new XMLHttpRequest();
    request.open("POST", path);
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.upload.onprogress = ({ loaded, total }) => onSent?.(total > 0 ? loaded / total : 0);
    request.onload = () => {
      reachability.emit(true);
      resolve(request);
    };
    request.onerror = () => {
      reachability.emit(false);
      reject(unreachable());
    };
    request.onabort = () => reject(new DOMException("The upload was given up.", "AbortError"));
    signal.addEventListener("abort", () => request.abort(), { once: true });
    request.send(form);
  });
}

/** A browser refuses to send a file that was changed after it was chosen, and says only that the request failed. */
async function changedOnDisk(file: File): Promise<ApiError | null> {
  try {
    await file.slice(0, 1).arrayBuffer();
    return null;
  } catch {
    const detail = "The browser may not read it any more. Choose the file again.";
    return new ApiError(400, "file_changed", "The file was changed or removed since it was chosen", detail);
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
