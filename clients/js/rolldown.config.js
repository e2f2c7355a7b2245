import { defineConfig } from "rolldown";

export default defineConfig([
  {
    input: "src/index.ts",
    output: { file: "dist/index.js", format: "esm", sourcemap: true },
  },
  {
    input: "src/index.ts",
    output: { file: "dist/index.cjs", format: "cjs", sourcemap: true },
  },
  {
    input: "src/umd.ts",
    output: { file: "dist/adaptive.umd.min.js", format: "umd", name: "Adaptive", exports: "default", minify: true, sourcemap: true },
  },
]);
