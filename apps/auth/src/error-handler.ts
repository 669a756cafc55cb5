import type { ErrorRequestHandler, Request, Response } from 'express';
import { type Configuration, errors } from 'oidc-provider';
import { Problem } from '#catalog';
import { type Logger, requestIdOf } from '#http';
import { messagesOf } from './language.ts';
import type { Messages } from './messages/en.ts';
import type { PageData, Pages } from './pages.ts';

/** What this server's own routes answer for an error: a page to people, JSON as OAuth has it to programs. */
interface Answer {
  status: number;
  error: string;
  /** For developers. */
  description: string;
  /** For people. */
  page: keyof Messages['errors']['pages'];
}

const pagesOfStatus: Readonly<Record<number, Answer['page']>> = {
  404: 'notFound',
  405: 'wrongMethod',
  429: 'tooManyRequests',
  500: 'failed',
  503: 'unavailable',
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
  const forPeople =
    /^\/(interaction|account|email|reset|sign-in|sign-out|sign-up|language|oauth\/authorize|oauth\/device|oauth\/logout)(\/|$)/i.test(
      request.path,
    );
  if (forPeople || request.accepts(['json', 'html']) === 'html') {
    const words = messagesOf(response).errors;
    pages.send(response, answer.status, 'message', errorPage(words, answer, requestIdOf(response)));
  } else {
    response.setHeader('Cache-Control', 'no-store');
    const { status, error, description } = answer;
    response.status(status).json({ error, error_description: description, error_id: requestIdOf(response) });
  }
}

function errorPage(
  words: Messages['errors'],
  { status, error, description, page }: Omit<Answer, 'description'> & { description: string | undefined },
  requestId: string,
): PageData['message'] {
  const { title, text } = words.pages[page];
  // What went wrong on our side is in our log alone.
  const reason = status < 500 && page !== 'expired' ? description : undefined;
  return {
    title,
    text,
    facts: {
      [words.facts.error]: error,
      ...(reason !== undefined && { [words.facts.reason]: reason }),
      [words.facts.request]: requestId,
    },
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
    const { error, error_description: description } = out;
    const { status } = ctx;
    const page = status < 500 ? 'refused' : (pagesOfStatus[status] ?? 'failed');
    const words = messagesOf(ctx.res).errors;
    const requestId = ctx.response.get('X-Request-Id');
    const back = ctx.response.get('Location');
    ctx.remove('Location');
    const link = back ? { href: back, text: words.goBackTo(new URL(back).host) } : null;
    const shown = errorPage(words, { status, error, description, page }, requestId);
    pages.show(ctx, 'message', { ...shown, link });
  };
}

function toAnswer(error: unknown): Answer {
  if (error instanceof Problem) {
    const { status, message } = error;
    const page = pagesOfStatus[status] ?? 'unreadable';
    if (status === 500) return failed;
    if (status === 503) {
      return { status, error: 'temporarily_unavailable', description: 'Try again in a moment', page };
    }
    const description = message.replace(/\.$/, '');
    // RFC 6749 has no code for too many requests; this one tells that the same request can succeed later.
    if (error.kind === 'rate_limited') return { status, error: 'temporarily_unavailable', description, page };
    const known = error.kind === 'not_found' || error.kind === 'method_not_allowed';
    return { status, error: known ? error.kind : 'invalid_request', description, page };
  }
  if (error instanceof errors.SessionNotFound) {
    return {
      status: 400,
      error: 'invalid_request',
      description: 'This sign-in has expired or was finished already. Go back to the app and start again',
      page: 'expired',
    };
  }
  if (error instanceof errors.OIDCProviderError) {
    const { statusCode, error: code, error_description } = error;
    return { status: statusCode, error: code, description: error_description ?? code, page: 'refused' };
  }
  const status = statusOf(error);
  if (status !== null && status >= 400 && status < 500) {
    return {
      status,
      error: 'invalid_request',
      description: 'The request could not be read',
      page: 'unreadable',
    };
  }
  return failed;
}

const failed: Answer = {
  status: 500,
  error: 'server_error',
  description: 'Something went wrong on our side',
  page: 'failed',
};

/** Express and its body parser mark the client's mistakes with a status. */
function statusOf(error: unknown): number | null {
  if (typeof error !== 'object' || error === null || !('status' in error)) return null;
  return typeof error.status === 'number' ? error.status : null;
}
