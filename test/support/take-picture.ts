import { join } from 'node:path';
import type { Page } from 'playwright-core';

/** Saves a picture of the whole page as `<name>.png` in the folder PICTURES, to be looked at; nothing when it isn't set. */
export async function takePicture(page: Page, name: string): Promise<void> {
  const folder = process.env.PICTURES;
  if (!folder) return;
  await page.screenshot({ path: join(folder, `${name.replace(/\W+/g, '-')}.png`), fullPage: true });
}
