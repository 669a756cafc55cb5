import { AxeBuilder } from '@axe-core/playwright';
import { describe, expect, it } from '@jest/globals';
import { loadProduct, type Product } from '#catalog';
import { launchBrowser } from '../support/browser.ts';
import { call } from '../support/call.ts';
import { startApi } from '../support/start-api.ts';
import { createTestDatabase } from '../support/test-database.ts';

const db = await createTestDatabase();
const [vaultwares, torvus] = await Promise.all([loadProduct('vaultwares'), loadProduct('torvus')]);
// A page that is made of the same parts as the others, and short: axe takes minutes for a long one.
const short = { ...torvus, name: 'A short page', resources: torvus.resources.slice(-1), capabilities: [] };
const serve = async (product: Product) => ({ name: product.name, ...(await startApi({ db, product })) });
const apis = await Promise.all([vaultwares, torvus].map(serve));
const shortApi = await serve(short);
const browser = await launchBrowser();

/** The reference page as a browser of some width and colours shows it, and every host it asked. */
async function open(origin: string, width: number, colorScheme: 'light' | 'dark') {
  const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme });
  const page = await context.newPage();
  const asked: string[] = [];
  page.on('request', (request) => asked.push(new URL(request.url()).origin));
  const refused: string[] = [];
  page.on('console', (message) => refused.push(message.text()));
  await page.goto(`${origin}/docs`);
  return { page, asked, refused };
}

const looks = [...apis, shortApi].flatMap((api) => [
  { ...api, width: 360, colors: 'light' as const },
  { ...api, width: 1280, colors: 'dark' as const },
]);

describe('/docs', () => {
  it.each(looks)(
    'of $name at $width pixels, $colors: readable by all, within its width, from its own host',
    async (look) => {
      const { page, asked, refused } = await open(look.origin, look.width, look.colors);
      const shots = process.env.SCREENSHOTS;
      if (shots)
        await page.screenshot({ path: `${shots}/docs-${look.name}-${look.width}-${look.colors}.png` });
      if (look.name === short.name) {
        const { violations } = await new AxeBuilder({ page }).analyze();
        expect(violations.map(({ id, nodes }) => [id, nodes[0]?.html])).toEqual([]);
      }
      const overflow = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      expect(overflow).toBe(0);
      expect(new Set(asked)).toEqual(new Set([look.origin]));
      expect(refused).toEqual([]);
      const padding = await page.evaluate(
        () => getComputedStyle(document.querySelector('article') ?? document.body).padding,
      );
      expect(padding).not.toBe('0px');
      await page.context().close();
    },
  );

  it.each(apis)('of $name has every operation of the document, and no script', async ({ origin }) => {
    const { body } = await call(`${origin}/openapi.json`);
    const ids = [...JSON.stringify(body).matchAll(/"operationId":"(\w+)"/g)].map(([, id]) => id);
    const answer = await call(`${origin}/docs`);
    const html = String(answer.body);
    for (const id of ids) expect(html).toContain(`<article id="${id}">`);
    const [, health] = /<article id="getHealth">(.*?)<\/article>/s.exec(html) ?? [];
    expect(health).toContain('Takes no credential.');
    expect(health).not.toContain('YOUR_KEY');
    expect(html).not.toMatch(/<script|https?:\/\/(?!127)[\w.]+\/[^<]*"/);
    expect(answer.headers.get('Content-Security-Policy')).toMatch(/^default-src 'none'; style-src 'sha256-/);
  });
});
