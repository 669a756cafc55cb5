import type { ErrorRequestHandler, Request, Response } from 'express';
import { type Configuration, errors } from 'oidc-provider';
import { Problem } from '#catalog';
import { type Logger, requestIdOf } from '#http';
import type { PageData, Pages } from './pages.ts';

/** What this server's own routes answer for an error: a page to people, JSON as OAuth has it to programs. */
interface Answer {
  status: number;
  error: string;
  description: string;
}

const titles: Readonly<Record<number, string>> = {
  404: 'This page doesn’t exist',
  405: 'This page doesn’t work that way',
  429: 'Too many requests',
  500: 'Something went wrong on our side',
  503: 'We can’t answer right now',
};

/** Answers every error that a route of ours throws. What is no mistake of the client's goes to the log in full. */
export function errorHandler(pages: Pages, logger: Logger): ErrorRequestHandler {
  return (error: unknown, request, response, next) => {
    const answer = toAnswer(error);
    const facts = { requestId: requestIdOf(response), method: request.method, path: request.path };
    if (answer.status >= 500) logger.error({ ...facts, err: error }, answer.description);
    else logger.debug({ ...facts, error: answer.error }, answer.description);
    if (response.headersSent) return next(error);
    if (error instanceof Problem) {
      const { allow, retryAfterSeconds } = error.facts;
      if (allow) response.setHeader('Allow', allow.join(', '));
      if (retryAfterSeconds !== undefined) response.setHeader('Retry-After', String(retryAfterSeconds));
    }
    if (answer.error === 'invalid_token')
      response.setHeader('WWW-Authenticate', 'Bearer error="invalid_token"');
    sendAnswer(request, response, pages, answer);
  };
}

function sendAnswer(request: Request, response: Response, pages: Pages, answer: Answer): void {
  const forPeople = /^\/(interaction|oauth\/authorize|oauth\/device|oauth\/logout)(\/|$)/i.test(request.path);
  if (forPeople || request.accepts(['json', 'html']) === 'html') {
    pages.send(response, answer.status, 'message', errorPage(answer, requestIdOf(response)));
  } else {
    response.setHeader('Cache-Control', 'no-store');
    const { status, error, description } = answer;
    response.status(status).json({ error, error_description: description, error_id: requestIdOf(response) });
  }
}

function errorPage({ status, error, description }: Answer, requestId: string): PageData['message'] {
  return {
    title: titles[status] ?? 'This sign-in can’t go on',
    text: `${description}.`,
    facts: { Error: error, Request: requestId },
    link: null,
  };
}

/**
 * oidc-provider's errors that it does not tell the client by a redirect: a page where people look, else JSON. A redirect
 * that was to be becomes a link of the page.
 */
export function providerErrors(pages: Pages): NonNullable<Configuration['renderError']> {
  return (ctx, out) => {
    if (!/^(authorization|resume|code_verification|device_resume|end_session.*)$/.test(ctx.oidc.route)) {
      ctx.body = out;
      return;
    }
    const requestId = ctx.response.get('X-Request-Id');
    const own = ctx.status >= 500;
    ctx.type = 'html';
    ctx.set('Cache-Control', 'no-store');
    const back = ctx.response.get('Location');
    ctx.remove('Location');
    ctx.body = pages.render('message', {
      title: own ? (titles[ctx.status] ?? 'Something went wrong on our side') : 'This sign-in can’t go on',
      text: own
        ? 'Try again in a moment.'
        : 'The app that sent you here made a request that we can’t accept. Go back to it and try again. If that doesn’t help, tell its maker what you see below.',
      facts: {
        Error: out.error,
        ...(out.error_description !== undefined && { Reason: out.error_description }),
        Request: requestId,
      },
      link: back ? { href: back, text: `Go back to ${new URL(back).host}` } : null,
    });
  };
}

function toAnswer(error: unknown): Answer {
  if (error instanceof Problem) {
    const { status, message } = error;
    if (status === 500)
      return { status, error: 'server_error', description: 'Something went wrong on our side' };
    if (status === 503) {
      return { status, error: 'temporarily_unavailable', description: 'Try again in a moment' };
    }
    const description = message.replace(/\.$/, '');
    // RFC 6749 has no code for too many requests; this one tells that the same request can succeed later.
    if (error.kind === 'rate_limited') return { status, error: 'temporarily_unavailable', description };
    const known = error.kind === 'not_found' || error.kind === 'method_not_allowed';
    return { status, error: known ? error.kind : 'invalid_request', description };
  }
  if (error instanceof errors.SessionNotFound) {
    return {
      status: 400,
      error: 'invalid_request',
      description: 'This sign-in has expired or was finished already. Go back to the app and start again',
    };
  }
  if (error instanceof errors.OIDCProviderError) {
    const { statusCode, error: code, error_description } = error;
    return { status: statusCode, error: code, description: error_description ?? code };
  }
  const status = statusOf(error);
  if (status !== null && status >= 400 && status < 500) {
    return { status, error: 'invalid_request', description: 'The request could not be read' };
  }
  return { status: 500, error: 'server_error', description: 'Something went wrong on our side' };
}

/** Express and its body parser mark the client's mistakes with a status. */
function statusOf(error: unknown): number | null {
  if (typeof error !== 'object' || error === null || !('status' in error)) return null;
  return typeof error.status === 'number' ? error.status : null;
}
