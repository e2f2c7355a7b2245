import { readFileSync } from "node:fs";

import type { Plugin } from "vite";

import { guidePage } from "./page";

const SOURCE = new URL("../../../docs/troubleshooting.md", import.meta.url);
const PAGE = "troubleshooting.html";

/** Puts the troubleshooting guide beside the page, so that a server without any other network can show it. */
export function guide(): Plugin {
  const page = () => guidePage(readFileSync(SOURCE, "utf8"));
  return {
    name: "troubleshooting-guide",
    configureServer(server) {
      server.middlewares.use(`/${PAGE}`, (_request, response) => {
        response.setHeader("content-type", "text/html; charset=utf-8").end(page());
      });
    },
    generateBundle() {
      this.emitFile({ type: "asset", fileName: PAGE, source: page() });
    },
  };
}
