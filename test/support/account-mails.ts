import { openBox } from '#crypto';
import { mailLinkPurpose, type Queryable, type QueuedAccountMail } from '#store';

/** A queued mail about somebody's own account, with its link in the clear; the newest comes last. */
export interface ReadMail extends Omit<QueuedAccountMail, 'sealedLink'> {
  link: string | null;
}

/** The queued mails to an address about its own account. `encryptionKey` is the server's. */
export async function accountMailsTo(db: Queryable, encryptionKey: string, to: string): Promise<ReadMail[]> {
  const box = openBox(encryptionKey);
  const rows = await db.query<{ data: QueuedAccountMail }>(
    `select j.data from pgboss.job j where j.name = 'mail' and j.data ->> 'to' = $1 and j.data ? 'about'
     order by j.created_on, j.id`,
    [to],
  );
  return rows.map(({ data: { sealedLink, ...mail } }) => ({
    ...mail,
    link: sealedLink === null ? null : box.open(Buffer.from(sealedLink, 'base64'), mailLinkPurpose),
  }));
}
