import assert from "node:assert/strict";

// In npm scripts `node` is the one of the package with this name.
assert.match(process.version, /^v18\./, "run it with npm test");
