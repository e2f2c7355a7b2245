import { expect, test } from "vitest";

import type { Health } from "../../api/types";
import { looks, shownHealth } from "./healthText";

test("what a server said before it went away is not shown as its health", () => {
  const health = { status: "healthy" } as Health;
  expect(shownHealth(health, true)).toEqual({ status: "healthy", health });
  expect(shownHealth(health, false)).toEqual({ status: "unknown", health: undefined });
  expect(shownHealth(undefined, true).status).toBe("unknown");
  expect(looks.unknown.tone).toBe("plain");
});
