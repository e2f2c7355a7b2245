import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

import { guide } from "./src/guide/plugin";

/** Where `vite` finds the API during development: a `pingone-import serve` on its default address. */
const API = process.env.PINGONE_IMPORT_URL ?? "http://127.0.0.1:4000";

export default defineConfig(async ({ mode }) => ({
  plugins: [react(), guide(), ...(mode === "mock" ? [(await import("./dev/mock/plugin")).mock()] : [])],
  build: {
    // The first browsers in which light-dark(), which the colours are made of, needs no replacement.
    target: ["chrome123", "edge123", "firefox128", "safari17.5"],
    chunkSizeWarningLimit: 800,
    // The content security policy allows no data: URLs.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: {
    proxy: mode === "mock" ? undefined : { "/api": API, "/login": API, "/socket.io": { target: API, ws: true } },
  },
  test: {
    include: ["src/**/*.test.{ts,tsx}"],
    restoreMocks: true,
  },
}));
