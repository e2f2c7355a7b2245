export { Ladder } from "./ladder.js";
export { type Tier, Tiers, TIERS } from "./tiers.js";
export { type Action, type Cause, type Failure, MEMORY } from "./types.js";
