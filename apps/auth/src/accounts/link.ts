import type { Request, Response } from 'express';
import { messagesOf } from '../language.ts';
import type { Pages } from '../pages.ts';

/** The token of the link that a request came by, which its forms keep in their path. */
export function tokenOf({ query: { token } }: Request): string {
  return typeof token === 'string' ? token : '';
}

/** A path of ours with a query; what is null is left out. */
export function pathWith(path: string, query: Readonly<Record<string, string | null>>): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== null) parameters.set(name, value);
  return parameters.size === 0 ? path : `${path}?${parameters}`;
}

/** Answers that a link of a mail doesn't work any more; `again` is where to ask for another one. */
export function sendGone(pages: Pages, response: Response, again: string): void {
  const { title, text, again: words } = messagesOf(response).mailSent.gone;
  pages.send(response, 410, 'message', { title, text, facts: {}, link: { href: again, text: words } });
}
