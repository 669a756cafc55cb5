import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Eta } from 'eta';
import type { RequestHandler, Response } from 'express';
import type { Product } from '#catalog';
import type { ConsentPage } from './interaction/consent-page.ts';

/** What each page shows; `action` is the path of its interaction. */
export interface PageData {
  'sign-in': { action: string; clientName: string; email: string; error: string | null };
  consent: ConsentPage;
  'choose-organization': {
    action: string;
    clientName: string;
    email: string;
    organizations: readonly { id: string; name: string; role: string; checked: boolean }[];
  };
  'device-code': { action: string; xsrf: string; userCode: string; error: string | null };
  'device-confirm': { action: string; xsrf: string; userCode: string; clientName: string };
  'sign-out': { action: string; xsrf: string; clientName: string | null };
  'no-organization': {
    action: string;
    clientName: string;
    email: string;
    /** Whether the user is in organizations, but all on plans without OAuth. */
    withoutOauth: boolean;
  };
  message: {
    title: string;
    text: string;
    /** Facts for whoever looks into it: term → value. */
    facts: Readonly<Record<string, string>>;
    /** Where to go on, if anywhere. */
    link: { href: string; text: string } | null;
  };
}

export interface Pages {
  /** The HTML of a page. All values are escaped. */
  render<View extends keyof PageData>(view: View, data: PageData[View]): string;
  /** Answers with a page that no cache keeps. */
  send<View extends keyof PageData>(
    response: Response,
    status: number,
    view: View,
    data: PageData[View],
  ): void;
  /** Where the stylesheet is, under a name that changes with its text. */
  stylesheetPath: string;
  serveStylesheet: RequestHandler;
}

/** The pages of the sign-in, in a product's name. */
export function createPages(product: Product): Pages {
  const eta = new Eta({ views: fileURLToPath(new URL('./views', import.meta.url)), cache: true });
  const stylesheet = readFileSync(new URL('./assets/style.css', import.meta.url));
  const version = createHash('sha256').update(stylesheet).digest('hex').slice(0, 12);
  const stylesheetPath = `/assets/style-${version}.css`;
  const shared = { productName: product.name, stylesheetPath };
  const render: Pages['render'] = (view, data) => eta.render(`./${view}`, { ...shared, ...data });

  return {
    render,
    send(response, status, view, data) {
      response.status(status).setHeader('Cache-Control', 'no-store');
      response.type('html').send(render(view, data));
    },
    stylesheetPath,
    serveStylesheet(_request, response) {
      response.setHeader('Cache-Control', 'public, max-age=31536000, immutable');
      response.type('css').send(stylesheet);
    },
  };
}
