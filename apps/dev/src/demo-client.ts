import express, { type Express } from 'express';
import helmet from 'helmet';
import type { Product } from '#catalog';
import type { Demo } from './demo.ts';
import { exchangeCommand } from './paste.ts';

/** The demo app's redirect URI: it shows the code that came back, and the command that makes a token of it. */
export function demoClient(product: Product, demo: Demo): Express {
  const app = express();
  app.use(helmet({ contentSecurityPolicy: { directives: { styleSrc: ["'unsafe-inline'"] } }, hsts: false }));
  app.get('/callback', (request, response) => {
    const { code, error, error_description } = request.query;
    const outcome =
      typeof code === 'string'
        ? `<h1>You are back in the demo app</h1>
           <p>${product.name} sent this authorization code. Paste the command to exchange it for tokens, within a minute.</p>
           <pre>${escapeHtml(exchangeCommand(demo, code))}</pre>`
        : `<h1>The authorization was refused</h1>
           <p>${escapeHtml(String(error ?? 'no code'))}: ${escapeHtml(String(error_description ?? 'nothing more was said'))}</p>`;
    response.setHeader('Cache-Control', 'no-store');
    response.send(page(outcome));
  });
  return app;
}

function page(content: string): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Demo app</title>
<style>
  body { font: 16px/1.6 system-ui, sans-serif; max-width: 46rem; margin: 4rem auto; padding: 0 1rem; color-scheme: light dark }
  pre { padding: 1rem; border: 1px solid #8884; border-radius: 8px; white-space: pre-wrap; overflow-wrap: anywhere }
</style>
<main>${content}</main>
</html>`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
