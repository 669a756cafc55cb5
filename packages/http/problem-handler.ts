import type { ErrorRequestHandler, Response } from 'express';
import { type ErrorView, Problem, type ProblemKind, type Product, problems } from '#catalog';
import type { Logger } from './logger.ts';
import { requestIdOf } from './request-id.ts';

/**
 * The only writer of error bodies: any thrown value becomes a problem, and the product's wire its body. What is
 * not a `Problem` and no mistake of the client's is logged in full and answered as `internal`. `resourceMetadataUrl` is
 * where a client without a credential learns how to get one (RFC 9728 §5.1).
 */
export function problemHandler(
  product: Product,
  logger: Logger,
  resourceMetadataUrl?: string,
): ErrorRequestHandler {
  return (error: unknown, request, response, next) => {
    const problem = toProblem(error);
    answered.set(response, problem);
    const facts = { requestId: requestIdOf(response), method: request.method, path: request.path };
    if (problem.status >= 500) logger.error({ ...facts, err: problem.cause ?? problem }, problem.message);
    else logger.debug({ ...facts, kind: problem.kind }, problem.message);
    if (response.headersSent) return next(error);
    sendProblem(response, product, problem, resourceMetadataUrl);
  };
}

const answered = new WeakMap<Response, Problem>();

/** The problem that a response tells of, with all that the caller is not told. */
export function problemOf(response: Response): Problem | undefined {
  return answered.get(response);
}

/** Answers with a problem: status, headers and the product's body. */
function sendProblem(
  response: Response,
  product: Product,
  problem: Problem,
  resourceMetadataUrl?: string,
): void {
  const { retryAfterSeconds, allow } = problem.facts;
  const challenge = authenticateChallenge(product, problem);
  if (challenge !== null) {
    const metadata = resourceMetadataUrl === undefined ? '' : `, resource_metadata="${resourceMetadataUrl}"`;
    response.setHeader('WWW-Authenticate', challenge + metadata);
  }
  if (retryAfterSeconds !== undefined) response.setHeader('Retry-After', String(retryAfterSeconds));
  if (allow) response.setHeader('Allow', allow.join(', '));
  response.status(problem.status).json(errorBody(product, problem));
}

/** The body of a problem in the product's shape, with no more than the caller may be told. */
export function errorBody(product: Product, problem: Problem): unknown {
  const spec = product.errors[problem.kind];
  const { retryAfterSeconds, fields } = problem.facts;
  const message = problems[problem.kind].explains ? problem.message : spec.message;
  const view: ErrorView = {
    code: spec.code,
    message: message.replace('{retry_after}', String(retryAfterSeconds ?? '')),
    ...(spec.type !== undefined && { type: spec.type }),
    ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
    ...(fields && { fields }),
  };
  return product.wire.error(view);
}

/** The algorithms of proofs of possession (RFC 9449). */
export const proofAlgorithms = ['ES256', 'EdDSA', 'Ed25519'];

/** RFC 6750 §3: no error code when no credential was sent. */
function authenticateChallenge(product: Product, { kind, facts }: Problem): string | null {
  if (facts.dpopError !== undefined) {
    return `DPoP realm="${product.name}", error="${facts.dpopError}", algs="${proofAlgorithms.join(' ')}"`;
  }
  const challenge = `Bearer realm="${product.name}"`;
  switch (kind) {
    case 'missing_credential':
    case 'login_failed':
      return challenge;
    case 'invalid_credential':
      return `${challenge}, error="invalid_token", error_description="The credential is invalid or has been revoked"`;
    case 'expired_credential':
      return `${challenge}, error="invalid_token", error_description="The credential has expired"`;
    case 'conflicting_credentials':
      return `${challenge}, error="invalid_request", error_description="More than one credential was sent"`;
    case 'insufficient_scope':
      return `${challenge}, error="insufficient_scope"${facts.scope === undefined ? '' : `, scope="${facts.scope}"`}`;
    default:
      return null;
  }
}

function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  const status = statusOf(error);
  if (status !== null && status >= 400 && status < 500) {
    return new Problem(kindOfStatus(status), 'The request could not be read.', { cause: error });
  }
  return new Problem('internal', 'unexpected error', { cause: error });
}

/** Express and its body parser mark the client's mistakes with a status. */
function statusOf(error: unknown): number | null {
  if (typeof error !== 'object' || error === null || !('status' in error)) return null;
  return typeof error.status === 'number' ? error.status : null;
}

function kindOfStatus(status: number): ProblemKind {
  if (status === 413) return 'body_too_large';
  if (status === 415) return 'unsupported_media_type';
  return 'malformed_request';
}
