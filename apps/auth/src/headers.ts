import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import type { RequestHandler, Response } from 'express';
import helmet from 'helmet';

/**
 * Headers of every answer. Pages have no scripts (but the one of passkeys, where it is needed), load nothing from elsewhere and can't be framed.
 *
 * `form-action` is left out: browsers apply it to each redirect after a form was sent, and after consent these lead
 * to the client and to wherever the client sends its user next.
 */
export function securityHeaders(issuer: string): RequestHandler {
  const handler = helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        // oidc-provider's form_post answer has one inline script, whose hash it adds to this.
        scriptSrc: ["'none'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'"],
        baseUri: ["'none'"],
        frameAncestors: ["'none'"],
      },
    },
    xFrameOptions: { action: 'deny' },
    referrerPolicy: { policy: 'no-referrer' },
    strictTransportSecurity: issuer.startsWith('https:'),
    // A client may open the sign-in in a window of its own, and needs to hear from it.
    crossOriginOpenerPolicy: false,
    // The discovery documents and the keys are for everyone.
    crossOriginResourcePolicy: { policy: 'cross-origin' },
  });
  // The same for each answer, and dear to compute.
  const first = new ServerResponse(new IncomingMessage(new Socket()));
  handler(first.req, first, () => {});
  const headers = new Headers();
  for (const name of first.getHeaderNames()) headers.set(name, String(first.getHeader(name)));
  return (_request, response, next) => {
    response.setHeaders(headers);
    next();
  };
}

/** Lets the page of this answer show an image from where `url` is, beside our own. */
export function allowImagesOf(response: Response, url: string): void {
  const policy = String(response.getHeader('Content-Security-Policy'));
  const widened = policy.replace("img-src 'self'", `img-src 'self' ${new URL(url).origin}`);
  response.setHeader('Content-Security-Policy', widened);
}

/** Lets the page of this answer load scripts of this server: passkeys need one. */
export function allowOwnScripts(response: Response): void {
  const policy = String(response.getHeader('Content-Security-Policy'));
  const widened = policy.replace("script-src 'none'", "script-src 'self'");
  response.setHeader('Content-Security-Policy', widened);
}
