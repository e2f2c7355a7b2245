// The npm package's own tests, with the last vitest that runs here: the package's own needs Node.js 20.
import "./version.js";
import assert from "node:assert/strict";
import { cpSync, rmSync } from "node:fs";
import { startVitest } from "vitest/node";

// A copy, because the tests of a directory import the vitest beside them.
rmSync("copy", { recursive: true, force: true });
for (const name of ["src", "test", "tsconfig.json"]) cpSync(`../../clients/js/${name}`, `copy/${name}`, { recursive: true });
const vitest = await startVitest("test", [], { root: "copy", include: ["test/**/*.test.ts"], testTimeout: 120_000, watch: false });
const files = vitest.state.getFiles();
await vitest.close();
assert.ok(files.length > 0 && process.exitCode === undefined, "tests failed, or there were none");
