import { intersectScopes, Problem, type Product, windowsFor } from '#catalog';
import { hashSecret } from '#crypto';
import { type ApiKeyCredential, findApiKeyCredential, type Queryable } from '#store';
import type { Caller } from '../caller.ts';

/**
 * The caller behind a well-formed API key.
 *
 * Problems: `invalid_credential` (never issued, exchanged, paused or revoked), `expired_credential`.
 */
export async function authenticateKey(db: Queryable, product: Product, key: string): Promise<Caller> {
  return keyCaller(product, await findApiKeyCredential(db, hashSecret(key)));
}

/** Why a key that was found is refused, in the order of what counts most, and what would mend it. */
function refusal(found: ApiKeyCredential): Problem | null {
  const invalid = (detail: string, mend: string) => new Problem('invalid_credential', detail, { mend });
  if (found.revoked) return invalid(`Key ${found.id} is revoked, and that is final.`, 'Create a new key.');
  if (found.secretEnded) {
    return invalid(
      `It is a former secret of key ${found.id}, and its grace is over.`,
      "Use the key's new secret.",
    );
  }
  if (found.paused) return invalid(`Key ${found.id} is paused.`, 'Resume the key.');
  if (found.stoppedWithMaker) {
    return invalid(`The maker of key ${found.id} was removed.`, 'Create a new key, or let such keys go on.');
  }
  if (!found.expired) return null;
  const mend = 'Set a later expiry, or create a new key.';
  return new Problem('expired_credential', `Key ${found.id} expired at ${found.expiresAt}.`, { mend });
}

/**
 * The caller that a key stands for. Its scopes are cut to what its maker's role allows today, while the maker is a
 * member. Problems: as of {@link authenticateKey}.
 */
export function keyCaller(product: Product, found: ApiKeyCredential | null): Caller {
  if (!found) throw new Problem('invalid_credential', 'There is no such key.');
  const refused = refusal(found);
  if (refused) throw refused;
  const plan = product.plans[found.plan];
  if (!plan) throw new Error(`organization ${found.organizationId} has the unknown plan ${found.plan}`);

  return {
    organizationId: found.organizationId,
    plan: found.plan,
    mode: found.mode,
    scopes: found.makerRole
      ? intersectScopes(product, found.scopes, product.roles[found.makerRole])
      : found.scopes,
    windows: windowsFor(plan, found.mode, found.windows),
    countedAs: `key:${found.id}`,
    allowlists: [found.organizationAllowedIps, found.allowedIps],
    credential: {
      type: 'api_key',
      keyId: found.id,
      secretId: found.secretId,
      secretState: found.secretState,
      createdBy: found.createdBy,
      expiresAt: found.expiresAt,
    },
  };
}
