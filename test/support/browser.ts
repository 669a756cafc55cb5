import { afterAll } from '@jest/globals';
import { type Browser, chromium } from 'playwright-core';

const flags = [
  '--no-sandbox',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
  '--disable-gpu',
  '--font-render-hinting=none',
];

/**
 * The Chromium of the package `@sparticuz/chromium`, which brings its own libraries and fonts: nothing needs to be
 * installed. It is unpacked at its first use and ends with the test file. Works for root and for others.
 */
export async function launchBrowser(): Promise<Browser> {
  // Makes the package bring its libraries along, as it does for a system that has none.
  process.env.AWS_LAMBDA_JS_RUNTIME = 'nodejs22.x';
  const { default: packed } = await import('@sparticuz/chromium');
  const executablePath = await packed.executablePath();
  const env = Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) => (value ? [[name, value]] : [])),
  );
  const browser = await chromium.launch({ executablePath, args: flags, env });
  afterAll(() => browser.close());
  return browser;
}
