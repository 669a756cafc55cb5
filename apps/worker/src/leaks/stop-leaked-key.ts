import { z } from 'zod';
import type { MailedEvent } from '#catalog';
import {
  type ApiKey,
  type Database,
  enqueueMail,
  findApiKeyCredential,
  findOrganization,
  insertAuditEntry,
  insertEvent,
  type LeakReport,
  listMemberEmails,
  lockApiKey,
  type Organization,
  type Queryable,
  revokeApiKey,
  setApiKeyPaused,
} from '#store';

const reportSchema: z.ZodType<LeakReport> = z.object({
  hash: z.string(),
  foundAt: z.string().nullable(),
  requestId: z.string(),
  ipAddress: z.string(),
});

/**
 * Pauses or revokes the key of a report, as its organization has chosen, with an entry in the audit log, an event, and
 * messages to the key's maker and to all owners and admins. Nothing is left to do for a key that was stopped before, so
 * a report may come twice. Null when there was nothing to do.
 */
export async function stopLeakedKey(db: Database, job: unknown): Promise<'paused' | 'revoked' | null> {
  const { hash: hex, foundAt, requestId, ipAddress } = reportSchema.parse(job);
  const hash = Buffer.from(hex, 'hex');
  const found = await findApiKeyCredential(db, hash);
  if (!found) return null;
  return db.transaction(async (tx) => {
    const organization = await findOrganization(tx, found.organizationId);
    const key = await lockApiKey(tx, found.organizationId, found.id);
    const now = await findApiKeyCredential(tx, hash);
    // A secret whose grace is over opens nothing, and the key with its new one is sound.
    if (!organization || !key || !now || now.secretEnded) return null;
    const outcome = organization.leakedKeys === 'revoke' ? 'revoked' : 'paused';
    // Reported twice: the first report has done it.
    if (now.revoked || (now.paused && outcome === 'paused')) return null;
    if (outcome === 'revoked') await revokeApiKey(tx, key);
    else await setApiKeyPaused(tx, key, true);
    await tell(tx, organization, key, outcome, foundAt);
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
      ipAddress,
    });
    return outcome;
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
  const event: MailedEvent = {
    type: 'api_key.leaked',
    data: { key_id: key.id, name: key.name, hint: key.hint, outcome, found_at: foundAt },
  };
  await insertEvent(tx, key, event);
  const people = { roles: ['owner', 'admin'], userId: key.createdBy } as const;
  const addresses = await listMemberEmails(tx, organization.id, people);
  await enqueueMail(tx, addresses, { organizationName: organization.name, event });
}
