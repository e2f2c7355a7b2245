import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { freePort, stop } from "./process";

export interface Proxy {
  origin: string;
  stop(): Promise<void>;
}

/** Refuses every upgrade, as many corporate proxies do; everything else passes. */
export const noWebSocket = `
  location /socket.io/ {
    if ($http_upgrade) { return 403; }
    proxy_pass http://upstream_server;
    proxy_buffering off;
  }
  location /ws { return 403; }
`;

/** Lets only short requests pass: nothing that could be held, upgraded or streamed. */
export const shortRequestsOnly = `
  location /socket.io/ { return 403; }
  location /ws { return 403; }
  proxy_read_timeout 5s;
`;

/** A real nginx in front of `upstream`, with `rules` inside its server block. */
export async function startNginx(upstream: string, rules: string): Promise<Proxy> {
  const directory = mkdtempSync(join(tmpdir(), "nginx-e2e-"));
  // Workers that run as another user must reach the directories for bodies in it.
  chmodSync(directory, 0o755);
  const port = await freePort();
  writeFileSync(join(directory, "nginx.conf"), configuration(port, new URL(upstream).host, rules));
  const args = ["-p", directory, "-c", "nginx.conf", "-e", join(directory, "error.log")];
  const nginx = spawn("nginx", args, { stdio: "inherit" });
  const failed = once(nginx, "error").then(([error]: unknown[]) => Promise.reject(error as Error));
  const origin = `http://127.0.0.1:${port}`;
  const end = async () => {
    await stop(nginx);
    rmSync(directory, { recursive: true, force: true });
  };
  await Promise.race([answering(origin), failed]).catch(async (error: unknown) => {
    await end();
    throw error;
  });
  return { origin, stop: end };
}

function configuration(port: number, upstream: string, rules: string): string {
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
  return `
daemon off;
worker_processes 1;
pid nginx.pid;
events { worker_connections 512; }
http {
  access_log off;
  client_max_body_size 100m;
  ${temporary.map((name) => `${name}_temp_path ${name};`).join("\n  ")}
  upstream upstream_server { server ${upstream}; }
  server {
    listen 127.0.0.1:${port};
    proxy_http_version 1.1;
    proxy_set_header Host $http_host;
    proxy_set_header Connection "";
    ${rules}
    location / { proxy_pass http://upstream_server; }
  }
}
`;
}

/** Waits until something listens; nginx says nothing when it is ready. */
async function answering(origin: string): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const answered = await fetch(`${origin}/api/health`).then(
      () => true,
      () => false,
    );
    if (answered) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`nothing answers at ${origin}`);
}
