import { AsyncLocalStorage } from 'node:async_hooks';
import type { AdapterPayload } from 'oidc-provider';
import type { Product } from '#catalog';
import type { AccessTokenCredential, Database, NewOidcState, OidcTable, TokenSource } from '#store';
import { findAccessTokenCredential } from '#store';
import { standsOnPlans } from './plan-refusal.ts';

/**
 * A request at the token endpoint that shows a code or a refresh token. All that it needs was read before
 * oidc-provider's handler runs, and what the handler saves is stored after it, each in one statement.
 */
export interface TokenRequest {
  model: string;
  /** The id of the code's or token's row. */
  id: string;
  found: TokenSource<AdapterPayload>;
  saved: { table: OidcTable; state: NewOidcState }[];
}

const current = new AsyncLocalStorage<TokenRequest>();

/** Runs `work` for a token request: the adapter then answers from it, and saves into it. */
export function withinTokenRequest<Result>(
  request: TokenRequest,
  work: () => Promise<Result>,
): Promise<Result> {
  return current.run(request, work);
}

export function currentTokenRequest(): TokenRequest | undefined {
  return current.getStore();
}

/**
 * What stands behind a grant right now; null when the grant has ended or something of that is gone, as is a plan with
 * OAuth.
 */
export async function findStanding(
  { db, product }: { db: Database; product: Product },
  grantId: string,
): Promise<AccessTokenCredential | null> {
  const found = current.getStore()?.found;
  const ended = found?.grantId === grantId && found.grantEndedAt !== null;
  const standing =
    found?.grantId === grantId ? found.standing : await findAccessTokenCredential(db.pipeline, grantId, '');
  return standing && !ended && standsOnPlans(product, standing) ? standing : null;
}
