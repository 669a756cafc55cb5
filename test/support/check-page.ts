import { AxeBuilder } from '@axe-core/playwright';
import { expect } from '@jest/globals';
import type { Page } from 'playwright-core';
import { takePicture } from './take-picture.ts';

/** Holds a page against axe and for sideways scrolling, narrow and dark, then wide and light, and saves its pictures. */
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
    const { violations } = await new AxeBuilder({ page }).analyze();
    const findings = violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]);
    expect([name, colorScheme, findings]).toEqual([name, colorScheme, []]);
  }
}
