import { describe, expect, test } from "vitest";

import type { JobDetails } from "../../api/types";
import { choicesOf, firstChoices, planOptions, protectedUsers, requirements } from "./choices";

const everything = { ...firstChoices, population: "p1", narrowed: 'username sw "a"', filter: "enabled eq false", deletePopulation: true };

describe("the plan that is asked for", () => {
  const common = { kind: "delete", dry_run: true, protect: [], backup: true };

  test("is of one source only, whatever was filled in for another before", () => {
    expect(planOptions({ ...everything, source: "file" })).toEqual({ ...common, delete_population: false, match_by: "username", saved_mapping: null });
    expect(planOptions({ ...everything, source: "population" })).toEqual({ ...common, delete_population: false, population: "p1", filter: 'username sw "a"' });
    expect(planOptions({ ...everything, source: "filter" })).toEqual({ ...common, delete_population: false, filter: "enabled eq false" });
    expect(planOptions({ ...everything, source: "everybody" })).toEqual({ ...common, delete_population: false, whole_environment: true });
  });

  test("takes the population along only when all of its users go", () => {
    const whole = { ...everything, source: "population", narrowed: " " } as const;
    expect(planOptions(whole)).toMatchObject({ filter: null, delete_population: true });
  });
});

test("nothing is planned before somebody is chosen", () => {
  const unmet = (source: typeof firstChoices.source) => requirements({ ...firstChoices, source }, undefined).filter(({ met }) => !met).length;
  expect([unmet("file"), unmet("population"), unmet("filter"), unmet("everybody")]).toEqual([2, 1, 1, 0]);
});

test("a plan that is made again protects whom it protected", () => {
  for (const source of ["file", "population", "filter", "everybody"] as const) {
    const asked = planOptions({ ...everything, source, narrowed: "", protect: "ada\nbob", backup: false });
    const options = { ...asked, match_by: "username", saved_mapping: null, filter: asked.filter ?? null } as JobDetails["options"];
    const population = source === "population" ? { id: "p1", name: "Staff" } : null;
    const again = { ...firstChoices, ...choicesOf({ kind: "delete", options, population }) };
    expect(planOptions(again)).toEqual(asked);
  }
});

test("protected users are one on each line, each once", () => {
  expect(protectedUsers(" ada \r\n\nbob\nada\n")).toEqual(["ada", "bob"]);
});
