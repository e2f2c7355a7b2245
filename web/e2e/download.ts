import type { Locator, Page } from "@playwright/test";

/** Clicks on what downloads a file; returns its name and its text. */
export async function downloaded(page: Page, link: Locator): Promise<{ name: string; text: string }> {
  const pending = page.waitForEvent("download");
  await link.click();
  const download = await pending;
  let text = "";
  for await (const chunk of await download.createReadStream()) text += String(chunk);
  return { name: download.suggestedFilename(), text };
}
