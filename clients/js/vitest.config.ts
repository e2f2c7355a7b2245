import { defineConfig } from "vitest/config";

// A busy machine is slow; what hangs fails all the same.
export default defineConfig({ test: { include: ["test/**/*.test.ts"], testTimeout: 120_000 } });
