import { AxeBuilder } from '@axe-core/playwright';
import { expect } from '@jest/globals';
import type { Page } from 'playwright-core';
import { takePicture } from './take-picture.ts';

/**
 * Looks for sideways scrolling, narrow and dark, then wide and light, and saves pictures of both; axe looks at the dark one, since
 * `brand.test.ts` computes the contrasts of both.
 */
export async function checkPage(page: Page, name: string): Promise<void> {
  for (const [width, colorScheme] of [
    [360, 'dark'],
    [1280, 'light'],
  ] as const) {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width, height: 800 });
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    expect([name, width, Math.max(0, overflow)]).toEqual([name, width, 0]);
    await takePicture(page, `${name} ${width} ${colorScheme}`);
    if (colorScheme === 'light') continue;
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect([name, violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])]).toEqual([
      name,
      [],
    ]);
  }
}
