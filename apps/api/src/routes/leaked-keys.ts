import { z } from 'zod';
import type { LeakedKeyReports, MailedEvent, Product } from '#catalog';
import { hashSecret, parseApiKey } from '#crypto';
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
import { type OpenRequest, openRoute, type Route } from './route.ts';
import { secretScanning } from './secret-scanning.ts';

const report = z.strictObject({
  key: z
    .string()
    .min(1)
    .max(1_000)
    .meta({ examples: ['a key that was found'] }),
  /** Where it was found. */
  url: z
    .url({ protocol: /^https?$/ })
    .max(2_000)
    .meta({ examples: ['https://example.com/paste/1'] })
    .optional(),
});

type Report = z.infer<typeof report>;

/**
 * The route that takes the report of a key found in public, from anyone, and the one that tells scanners what to
 * look for. A reported key is paused or revoked at once, as its organization has chosen. The report stands in the
 * audit log, and the key's maker and all owners and admins are told. The answer is the same whether there is such a key or not.
 */
export function leakedKeyRoutes(
  db: Database,
  product: Product,
  { path }: LeakedKeyReports,
  apiUrl: string,
): Route[] {
  return [
    openRoute({
      method: 'post',
      path,
      summary: 'Report a leaked key',
      tag: 'Leaked keys',
      counted: true,
      body: report,
      answer: z.object({ status: z.literal('received') }),
      status: 202,
      async handle(request) {
        if (parseApiKey(request.body.key, product.keys.prefixes)) await stopKey(db, request);
        return { status: 202, body: { status: 'received' as const } };
      },
    }),
    secretScanning(product, apiUrl + path),
  ];
}

async function stopKey(
  db: Database,
  { body: { key: text, url }, requestId, ipAddress }: OpenRequest<Report>,
): Promise<void> {
  const hash = hashSecret(text);
  const found = await findApiKeyCredential(db, hash);
  if (!found) return;
  await db.transaction(async (tx) => {
    const organization = await findOrganization(tx, found.organizationId);
    const key = await lockApiKey(tx, found.organizationId, found.id);
    const now = await findApiKeyCredential(tx, hash);
    // A secret whose grace is over opens nothing, and the key with its new one is sound.
    if (!organization || !key || !now || now.secretEnded) return;
    const outcome = organization.leakedKeys === 'revoke' ? 'revoked' : 'paused';
    // Reported twice: the first report has done it.
    if (now.revoked || (now.paused && outcome === 'paused')) return;
    if (outcome === 'revoked') await revokeApiKey(tx, key.id);
    else await setApiKeyPaused(tx, key, true);
    // The key may stand in the address itself.
    const foundAt = url?.replaceAll(text, '…') ?? null;
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
