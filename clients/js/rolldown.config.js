import { defineConfig } from "rolldown";

export default defineConfig([
  {
    input: "src/index.ts",
    output: { file: "dist/index.js", format: "esm", sourcemap: true },
  },
  {
    input: "src/umd.ts",
    output: { file: "dist/adaptive.umd.min.js", format: "umd", name: "Adaptive", minify: true, sourcemap: true },
  },
]);
