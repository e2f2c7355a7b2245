import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

/** Where `vite` finds the API during development: a `pingone-import serve` on its default address. */
const API = process.env.PINGONE_IMPORT_URL ?? "http://127.0.0.1:4000";

export default defineConfig({
  plugins: [react()],
  build: {
    target: "es2023",
    // The content security policy allows no data: URLs.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: {
    proxy: {
      "/api": API,
      "/login": API,
      "/socket.io": { target: API, ws: true },
    },
  },
  test: {
    include: ["src/**/*.test.{ts,tsx}"],
    restoreMocks: true,
  },
});
