/**
 * Everything that can go wrong with a request: the HTTP status, and whether the detail of one case may be told
 * to the caller. Where `explains` is false the caller gets the product's own message only, and the detail goes
 * to the log: a credential's denial tells no more than the product's contract does.
 */
export const problems = {
  malformed_request: { status: 400, explains: true },
  validation_failed: { status: 400, explains: true },
  conflicting_credentials: { status: 400, explains: false },
  missing_credential: { status: 401, explains: false },
  invalid_credential: { status: 401, explains: false },
  expired_credential: { status: 401, explains: false },
  login_failed: { status: 401, explains: false },
  insufficient_scope: { status: 403, explains: false },
  ip_not_allowed: { status: 403, explains: false },
  live_mode_required: { status: 403, explains: false },
  plan_required: { status: 403, explains: true },
  mfa_required: { status: 403, explains: true },
  not_found: { status: 404, explains: false },
  method_not_allowed: { status: 405, explains: false },
  conflict: { status: 409, explains: true },
  idempotency_in_flight: { status: 409, explains: false },
  precondition_failed: { status: 412, explains: false },
  body_too_large: { status: 413, explains: false },
  unsupported_media_type: { status: 415, explains: true },
  idempotency_mismatch: { status: 422, explains: false },
  rate_limited: { status: 429, explains: false },
  headers_too_large: { status: 431, explains: false },
  internal: { status: 500, explains: false },
  unavailable: { status: 503, explains: false },
} as const satisfies Record<string, { status: number; explains: boolean }>;

export type ProblemKind = keyof typeof problems;

/** One thing that is wrong with one field of a request, `field` in dotted form (`allowed_ips.0`). */
export interface FieldProblem {
  field: string;
  message: string;
}

export interface ProblemFacts {
  cause?: unknown;
  fields?: readonly FieldProblem[];
  /** Seconds until the same request can succeed (409 while in flight, 429, 503). */
  retryAfterSeconds?: number;
  /** The methods that the route has (405), for the `Allow` header of RFC 9110 §10.2.1. */
  allow?: readonly string[];
  /** What would mend it: for those of the organization who may know, never for the caller. */
  mend?: string;
  /** What was wrong with a proof of possession, or with its absence, for `WWW-Authenticate` (RFC 9449 §7.1). */
  dpopError?: 'invalid_token' | 'invalid_dpop_proof' | 'use_dpop_nonce';
  /** The scope that was missing (403), for `WWW-Authenticate` (RFC 6750 §3). */
  scope?: string;
}

/** The one error that routes and packages throw on purpose; all other errors answer as `internal`. */
export class Problem extends Error {
  override name = 'Problem';
  readonly kind: ProblemKind;
  readonly facts: ProblemFacts;

  /** `detail` says what was wrong in this case; see {@link problems} for when the caller is told. */
  constructor(kind: ProblemKind, detail: string, facts: ProblemFacts = {}) {
    super(detail, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.kind = kind;
    this.facts = facts;
  }

  get status(): number {
    return problems[this.kind].status;
  }
}
