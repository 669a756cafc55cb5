import type { Request, RequestHandler } from 'express';
import { z } from 'zod';
import type { DomainEvent, Product } from '#catalog';
import { hashSecret, parseApiKey } from '#crypto';
import { clientAddress, requestIdOf } from '#http';
import {
  type ApiKey,
  type Database,
  enqueueMail,
  findApiKeyCredential,
  findOrganization,
  insertAuditEntry,
  insertEvent,
  listMemberEmails,
  lockApiKey,
  type Organization,
  type Queryable,
  revokeApiKey,
  setApiKeyPaused,
} from '#store';
import { validate } from '../routes/validate.ts';

const report = z.strictObject({
  key: z.string().min(1).max(1_000),
  /** Where it was found. */
  url: z
    .url({ protocol: /^https?$/ })
    .max(2_000)
    .optional(),
});

/**
 * Takes the report of a key found in public, from anyone. The key is paused or revoked at once, as its organization
 * has chosen. The report stands in the audit log, and the key's maker and all owners and admins are told. The answer is the same whether there is such a key or not.
 */
export function reportLeakedKey(db: Database, product: Product): RequestHandler {
  return async (request, response) => {
    const { key, url } = validate(report, request.body);
    if (parseApiKey(key, product.keys.prefixes))
      await stopKey(db, key, url ?? null, request, requestIdOf(response));
    response.setHeader('Cache-Control', 'no-store');
    response.status(202).json({ status: 'received' });
  };
}

async function stopKey(
  db: Database,
  text: string,
  foundAt: string | null,
  request: Request,
  requestId: string,
): Promise<void> {
  const found = await findApiKeyCredential(db, hashSecret(text));
  // A secret whose grace is over opens nothing, and the key with its new one is sound.
  if (!found || found.revoked || found.secretEnded) return;
  await db.transaction(async (tx) => {
    const organization = await findOrganization(tx, found.organizationId);
    const key = await lockApiKey(tx, found.organizationId, found.id);
    // Reported twice: the first report has done it.
    if (!organization || !key || key.status === 'revoked') return;
    const outcome = organization.leakedKeys === 'revoke' ? 'revoked' : 'paused';
    if (outcome === 'revoked') await revokeApiKey(tx, key.id);
    else if (key.status === 'paused') return;
    else await setApiKeyPaused(tx, key, true);
    await insertAuditEntry(tx, {
      organizationId: organization.id,
      mode: key.mode,
      actorType: 'reporter',
      actorId: null,
      action: 'api_key.leaked',
      targetType: 'api_key',
      targetId: key.id,
      before: { status: key.status },
      after: { status: outcome, found_at: foundAt },
      requestId,
      ipAddress: clientAddress(request),
    });
    await tell(tx, organization, key, outcome, foundAt);
  });
}

/** The event, and a message to the key's maker, if still a member, and to all owners and admins. */
async function tell(
  tx: Queryable,
  organization: Organization,
  key: ApiKey,
  outcome: 'paused' | 'revoked',
  foundAt: string | null,
): Promise<void> {
  const event: DomainEvent = {
    type: 'api_key.leaked',
    data: { key_id: key.id, name: key.name, hint: key.hint, outcome, found_at: foundAt },
  };
  await insertEvent(tx, key, event);
  const people = { roles: ['owner', 'admin'], userId: key.createdBy } as const;
  const addresses = await listMemberEmails(tx, organization.id, people);
  await enqueueMail(tx, addresses, { organizationName: organization.name, event });
}
