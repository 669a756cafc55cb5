import type { Response } from 'express';
import { messagesOf, readerOf } from '../language.ts';
import type { Pages } from '../pages.ts';

/** Answers 429 with a page that tells how long to wait, and leads back to the page that was asked for. */
export function sendPaused(
  pages: Pages,
  response: Response,
  { title, text, back }: { title: string; text: (wait: string) => string; back: string },
  waitSeconds: number,
): void {
  response.setHeader('Retry-After', String(waitSeconds));
  const wait = messagesOf(response).shared.wait(waitSeconds);
  const link = { href: readerOf(response).page, text: back };
  pages.send(response, 429, 'message', { title, text: text(wait), facts: {}, link });
}
