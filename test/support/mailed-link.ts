import { openBox } from '#crypto';
import { mailLinkPurpose, type Queryable } from '#store';

/** The link of the last message that was queued for an address. Throws when there is none. */
export async function mailedLink(db: Queryable, encryptionKey: string, to: string): Promise<URL> {
  const [mail] = await db.query<{ sealed: string }>(
    `select j.data ->> 'sealedLink' as sealed from pgboss.job j
     where j.name = 'mail' and j.data ->> 'to' = $1 order by j.created_on desc limit 1`,
    [to],
  );
  if (!mail) throw new Error(`no mail to ${to}`);
  return new URL(openBox(encryptionKey).open(Buffer.from(mail.sealed, 'base64'), mailLinkPurpose));
}
