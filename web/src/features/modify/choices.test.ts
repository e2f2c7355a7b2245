import { describe, expect, test } from "vitest";

import { MISSPELT } from "../../../dev/mock/preview";
import { firstChoices, modifyOptions, requirements, startLabel } from "./choices";

describe("what is asked for", () => {
  test("a blank marker clears nothing", () => {
    expect(modifyOptions({ ...firstChoices, clearMarker: " " }).clear_marker).toBeNull();
    expect(modifyOptions({ ...firstChoices, clearMarker: "-" }).clear_marker).toBe("-");
  });

  test("nobody is created by PingOne's id, and a population is only for those who are created", () => {
    const creating = { ...firstChoices, createMissing: true, population: "p1" };
    expect(modifyOptions(creating)).toMatchObject({ create_missing: true, population: "p1" });
    expect(modifyOptions({ ...creating, matchBy: "id" })).toMatchObject({ create_missing: false, population: null });
    expect(modifyOptions({ ...creating, createMissing: false })).toMatchObject({ create_missing: false, population: null });
  });
});

test("new users need a population", () => {
  const unmet = (choices: typeof firstChoices) => requirements(MISSPELT, { ...choices, ignoreUnknown: true }).filter(({ met }) => !met);
  expect(unmet(firstChoices)).toEqual([]);
  expect(unmet({ ...firstChoices, createMissing: true })).toMatchObject([{ label: "A population for new users is chosen" }]);
});

test("the button does not promise changes", () => {
  expect(startLabel(MISSPELT)).toBe("Modify up to 12,465 users");
});
