import { join } from "node:path";

import type { Page } from "@playwright/test";

import { expectAccessible, expectNoSidewaysScroll } from "./accessible";

const PHONE = { width: 390, height: 844 };

/**
 * What no state of a page may break, in light and in dark, on a desktop and on a phone; with SCREENSHOTS set, a picture
 * of each is written there.
 */
export async function look(page: Page, name: string): Promise<void> {
  const desktop = page.viewportSize() ?? { width: 1280, height: 720 };
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    for (const [device, viewport] of Object.entries({ desktop, phone: PHONE })) {
      await page.setViewportSize(viewport);
      await page.evaluate(() => globalThis.scrollTo(0, 0));
      const directory = process.env.SCREENSHOTS;
      if (directory) await page.screenshot({ path: join(directory, `${name}-${colorScheme}-${device}.png`), fullPage: true });
      await expectNoSidewaysScroll(page);
      if (device === "desktop") await expectAccessible(page);
    }
  }
  await page.setViewportSize(desktop);
  await page.emulateMedia({ colorScheme: null });
}
