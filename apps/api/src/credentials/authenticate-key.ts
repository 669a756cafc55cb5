import { intersectScopes, Problem, type Product, windowsFor } from '#catalog';
import { hashSecret } from '#crypto';
import { findApiKeyCredential, type Queryable } from '#store';
import type { Caller } from '../caller.ts';

/**
 * The caller behind a well-formed API key. Its scopes are cut to what its maker's role allows today, while the
 * maker is a member.
 *
 * Problems: `invalid_credential` (never issued, exchanged, paused or revoked), `expired_credential`.
 */
export async function authenticateKey(db: Queryable, product: Product, key: string): Promise<Caller> {
  const found = await findApiKeyCredential(db, hashSecret(key));
  if (!found) throw new Problem('invalid_credential', 'no such key');
  if (found.revoked) throw new Problem('invalid_credential', `key ${found.id} is revoked`);
  if (found.secretEnded)
    throw new Problem('invalid_credential', `a former secret of key ${found.id}: its grace is over`);
  if (found.paused) throw new Problem('invalid_credential', `key ${found.id} is paused`);
  if (found.stoppedWithMaker)
    throw new Problem('invalid_credential', `the maker of key ${found.id} was removed`);
  if (found.expired) throw new Problem('expired_credential', `key ${found.id} has expired`);
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
