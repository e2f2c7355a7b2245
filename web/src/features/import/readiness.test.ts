import { describe, expect, test } from "vitest";

import { MISSPELT } from "../../../dev/mock/preview";
import { IdempotencyKeys } from "../../api/idempotency";
import { caveat } from "../upload/columns";
import { defaultPopulation } from "../populations/defaultPopulation";
import { noChoices, requirements, startLabel } from "./readiness";

const unmet = (...args: Parameters<typeof requirements>) =>
  requirements(...args)
    .filter(({ met }) => !met)
    .map(({ label }) => label);

describe("the population chosen beforehand", () => {
  const population = (id: string, isDefault: boolean) => ({ id, name: id, default: isDefault, user_count: 0 });

  test("is PingOne's default, wherever it stands", () => {
    expect(defaultPopulation([population("a", false), population("b", true)])).toBe("b");
  });

  test("is none rather than the first", () => {
    expect(defaultPopulation([population("a", false), population("b", false)])).toBeNull();
  });
});

describe("what is needed", () => {
  const choices = { ...noChoices, population: "p1" };

  test("is everything while there is no file", () => {
    expect(unmet(undefined, noChoices)).toHaveLength(4);
  });

  test("is that unknown columns are seen to", () => {
    expect(unmet(MISSPELT, choices)).toEqual(["Every column is understood"]);
    expect(unmet(MISSPELT, { ...choices, ignoreUnknown: true })).toEqual([]);
  });

  test("is a population", () => {
    expect(unmet(MISSPELT, { ...noChoices, ignoreUnknown: true })).toEqual(["A population is chosen"]);
  });

  test("is a row that can be sent", () => {
    const preview = { ...MISSPELT, valid: 0 };
    expect(unmet(preview, { ...choices, ignoreUnknown: true })).toEqual(["At least one row can be sent"]);
  });
});

test("a welcome mail, if there is one, has a subject and a text", () => {
  const choices = { ...noChoices, population: "p1", ignoreUnknown: true };
  const missing = ["The welcome mail has a subject and a text"];
  for (const welcomeMail of ["Hello", "Subject: Hello", "Subject:\n\nHello", "Subject: Hello\nHello", "Subject: Hello\n\n "]) {
    expect(unmet(MISSPELT, { ...choices, welcomeMail })).toEqual(missing);
  }
  for (const welcomeMail of ["", " \n", "Subject: Hello\n\nHello, {username}"]) {
    expect(unmet(MISSPELT, { ...choices, welcomeMail })).toEqual([]);
  }
});

test("the button says what it does", () => {
  expect(startLabel(undefined)).toBe("Start import");
  expect(startLabel(MISSPELT)).toBe("Import 12,465 users");
  expect(startLabel({ ...MISSPELT, valid: 1 })).toBe("Import 1 user");
});

test("the caveat says what happens to the other rows", () => {
  expect(caveat({ ...MISSPELT, invalid: 0, duplicates: 0 })).toBeNull();
  expect(caveat(MISSPELT)).toMatch(/^11 invalid rows fail and 4 duplicates are skipped\./);
  expect(caveat({ ...MISSPELT, invalid: 1, duplicates: 0 })).toMatch(/^1 invalid row fails\./);
});

test("one wish has one key, another wish another", () => {
  const keys = new IdempotencyKeys();
  const first = keys.keyFor("a");
  expect(keys.keyFor("a")).toBe(first);
  const second = keys.keyFor("b");
  expect(second).not.toBe(first);
  expect(second).toMatch(/^[0-9a-f]{32}$/);
  keys.forget();
  expect(keys.keyFor("b")).not.toBe(second);
});
