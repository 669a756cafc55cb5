import type { RequestHandler } from 'express';
import type { Pages } from '../pages.ts';

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
      title: 'This form came from another site',
      text: 'Nothing was changed. Go back to the app that you want to use and start again there.',
      facts: {},
      link: null,
    });
  };
}
