import type { MailedEvent } from '#catalog';
import {
  type ApiKey,
  claimExpiryNotice,
  type Database,
  type ExpiringKey,
  enqueueMail,
  findApiKey,
  findOrganization,
  insertEvent,
  listExpiringKeys,
  listMemberEmails,
  type Queryable,
} from '#store';

const batchSize = 500;
const dayMs = 86_400_000;

/**
 * Tells of each key that comes within 14, 3 or 1 days of its expiry, once for each: an event and messages, in one
 * transaction with the note that it was told. Any number of workers may run it at once. It ends early, with whole
 * transactions, when `signal` is aborted; the next run goes on.
 */
export async function sendExpiryNotices(
  db: Database,
  { now, signal }: { now: string; signal?: AbortSignal },
): Promise<{ notices: number }> {
  let notices = 0;
  let after: ExpiringKey | null = null;
  for (;;) {
    const keys: ExpiringKey[] = await listExpiringKeys(db, now, { limit: batchSize, after });
    for (const key of keys) {
      if (signal?.aborted) return { notices };
      if (await db.transaction((tx) => tellOf(tx, now, key))) notices += 1;
    }
    after = keys.at(-1) ?? null;
    if (keys.length < batchSize) return { notices };
  }
}

async function tellOf(tx: Queryable, now: string, { id, organizationId }: ExpiringKey): Promise<boolean> {
  if (!(await claimExpiryNotice(tx, now, id))) return false;
  const key = await findApiKey(tx, organizationId, id);
  const organization = await findOrganization(tx, organizationId);
  if (!key || !organization || key.expiresAt === null)
    throw new Error(`API key ${id} vanished under its notice`);
  const event: MailedEvent = {
    type: 'api_key.expiring',
    data: {
      key_id: id,
      name: key.name,
      hint: key.hint,
      expires_at: key.expiresAt,
      days_left: Math.ceil((Date.parse(key.expiresAt) - Date.parse(now)) / dayMs),
    },
  };
  await insertEvent(tx, key, event);
  const addresses = await listMemberEmails(tx, organizationId, peopleOf(key));
  await enqueueMail(tx, addresses, { organizationName: organization.name, event });
  return true;
}

/** The key's maker while that is a member, else the owners and admins. */
function peopleOf({ createdBy, makerRemoved }: ApiKey): Parameters<typeof listMemberEmails>[2] {
  return createdBy === null || makerRemoved
    ? { roles: ['owner', 'admin'], userId: null }
    : { roles: [], userId: createdBy };
}
