import type { Response } from 'express';
import { narrowed, Problem, type Product, windowsFor } from '#catalog';
import { hashSecret } from '#crypto';
import { type ApiKeyCredential, findApiKeyCredential, type Queryable } from '#store';
import { type Allowance, type Caller, setSender } from '../caller.ts';
import { allowedByAll } from './allowed-by-all.ts';
import { planOf } from './plan-of.ts';

/**
 * The caller behind a well-formed API key. Notes on `response` whose key it is, in whatever state it may be.
 *
 * Problems: `invalid_credential` (never issued, exchanged, paused or revoked), `expired_credential`.
 */
export async function authenticateKey(
  db: Queryable,
  product: Product,
  key: string,
  response: Response,
): Promise<Caller> {
  const found = await findApiKeyCredential(db, hashSecret(key));
  if (found) {
    const { organizationId, mode, id: keyId } = found;
    setSender(response, { organizationId, mode, keyId, userId: null, clientId: null });
  }
  return keyCaller(product, found);
}

const newKey = 'Create a new key.';

/** Why a key that was found is refused, in the order of what counts most, and what would mend it. */
function refusal(found: ApiKeyCredential): Problem | null {
  const invalid = (detail: string, mend: string) => new Problem('invalid_credential', detail, { mend });
  if (found.revoked) return invalid(`Key ${found.id} is revoked, and that is final.`, newKey);
  if (found.secretEnded) {
    return invalid(
      `It is a former secret of key ${found.id}, and its grace is over.`,
      "Use the key's new secret.",
    );
  }
  if (found.paused) return invalid(`Key ${found.id} is paused.`, 'Resume the key.');
  if (found.stoppedWithMaker) {
    return invalid(
      `The maker of key ${found.id}, ${found.createdBy}, is no member of the organization any more, or disabled.`,
      "Create a new key, or let the organization's keys of removed members go on.",
    );
  }
  if (found.clientId !== null && found.clientScopes === null) {
    const own = found.consentId === null ? ', or may not act in its own name any more' : '';
    return invalid(`The client ${found.clientId} that made key ${found.id} is gone${own}.`, newKey);
  }
  if (found.consentId !== null && found.consentedScopes === null) {
    const detail = `The user's consent to the client ${found.clientId}, which made key ${found.id}, was withdrawn.`;
    return invalid(detail, newKey);
  }
  if (!found.expired) return null;
  const mend = 'Set a later expiry, or create a new key.';
  return new Problem('expired_credential', `Key ${found.id} expired at ${found.expiresAt}.`, { mend });
}

/**
 * The caller that a key stands for. Its scopes are cut to what its maker's role allows today, while the maker is a
 * member, and to what the registration of the client that made it and the user's consent to that client allow. Problems: as of {@link authenticateKey}.
 */
export function keyCaller(product: Product, found: ApiKeyCredential | null): Caller {
  if (!found) throw new Problem('invalid_credential', 'There is no such key.');
  const refused = refusal(found);
  if (refused) throw refused;
  const plan = planOf(product, found);

  const allowances: Allowance[] = [{ by: 'key', scopes: found.scopes }];
  const role = found.makerRole;
  if (role) allowances.push({ by: 'maker', role, scopes: product.roles[role] });
  if (found.clientScopes) allowances.push({ by: 'client', scopes: found.clientScopes });
  if (found.consentedScopes) allowances.push({ by: 'consent', scopes: found.consentedScopes });
  return {
    organizationId: found.organizationId,
    plan: found.plan,
    mode: found.mode,
    scopes: allowedByAll(product, allowances),
    allowances,
    windows: narrowed(windowsFor(plan, found.mode, found.windows), found.keyWindows),
    countedAs: `key:${found.id}`,
    allowlists: [found.organizationAllowedIps, found.allowedIps],
    credential: {
      type: 'api_key',
      keyId: found.id,
      secretId: found.secretId,
      secretState: found.secretState,
      createdBy: found.createdBy,
      clientId: found.clientId,
      consentId: found.consentId,
      expiresAt: found.expiresAt,
    },
  };
}
