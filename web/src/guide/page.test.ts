import { readFileSync } from "node:fs";

import { expect, test } from "vitest";

import { guideUrl } from "../features/status/guideUrl";
import { anchor, guidePage } from "./page";

test("headings get the anchors that links in the repository use", () => {
  expect(anchor("Mute after upgrade")).toBe("mute-after-upgrade");
  expect(anchor("TLS")).toBe("tls");
  expect(anchor("What is `101`?")).toBe("what-is-101");
});

test("a page has no script and no style of its own", () => {
  const page = guidePage("# Title\n\n## Polls buffered\n\nText with `code`.\n");
  expect(page).toContain('<h2 id="polls-buffered">Polls buffered</h2>');
  expect(page).toContain("<title>Title – PingOne Import Tool</title>");
  expect(page).not.toMatch(/<script|<style|style=/);
});

test("the place that the server names for a cause exists in the guide", () => {
  const page = guidePage(readFileSync(new URL("../../../docs/troubleshooting.md", import.meta.url), "utf8"));
  expect(guideUrl("docs/troubleshooting.md#upgrade-refused")).toBe("/troubleshooting.html#upgrade-refused");
  expect(page).toContain('id="upgrade-refused"');
});
