import type { RequestHandler } from 'express';
import { messagesOf } from './language.ts';
import type { Pages } from './pages.ts';

/**
 * Refuses a form that another site sent. Browsers tell by `Sec-Fetch-Site`, or by `Origin` where that is missing
 * (`null` is what our own pages send, whose referrer policy hides the origin). Beside this the cookies are
 * SameSite=Lax, so another site's form comes without them.
 */
export function refuseCrossSite(issuer: string, pages: Pages): RequestHandler {
  return (request, response, next) => {
    const site = request.headers['sec-fetch-site'];
    const origin = request.headers.origin;
    const allowed =
      site === undefined
        ? origin === undefined || origin === 'null' || origin === new URL(issuer).origin
        : site === 'same-origin' || site === 'none';
    if (allowed) return next();
    pages.send(response, 403, 'message', {
      ...messagesOf(response).shared.crossSite,
      facts: {},
      link: null,
    });
  };
}
