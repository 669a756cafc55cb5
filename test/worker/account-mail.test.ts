import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import {
  accountMailer,
  consumeAccountToken,
  createAccountToken,
  deleteEndedAccountTokens,
  endAccountTokens,
  findAccountToken,
  insertOrganization,
} from '#store';
import { createMember } from '../support/fixtures.ts';
import { startMailServer } from '../support/mail-server.ts';
import { startWorkerProcess } from '../support/start-worker.ts';
import { createTestDatabase } from '../support/test-database.ts';

const db = await createTestDatabase();
const encryptionKey = randomBytes(32).toString('hex');
const sendMail = accountMailer({ issuer: 'https://auth.example.com', encryptionKey });
const organization = await insertOrganization(db, { name: 'Acme', plan: 'free', windows: null });
const person = () => createMember(db, organization.id, 'member');
const purpose = 'verify_email';

describe('a mail about one’s own account', () => {
  it.each([
    ['en', /Subject: Confirm your e-mail address/],
    ['fr', /Subject: Confirmez votre adresse e-mail/],
  ] as const)(
    'in %s arrives as text and HTML, with a link of the configured server; no row holds its token',
    async (language, subject) => {
      const server = await startMailServer();
      const { id: userId, email } = await person();
      const token = await db.transaction(async (tx) => {
        const secret = await createAccountToken(tx, { purpose, userId, email, expiresInSeconds: 60 });
        const about = { kind: 'verify_email', data: { hours: 24 } } as const;
        await sendMail(tx, { to: email, language, about, path: `/verify?a=1&token=${secret}` });
        return secret;
      });
      const rows = async () => {
        const jobs = await db.query<{ row: string }>(`select j::text as row from pgboss.job j`);
        const tokens = await db.query<{ row: string }>('select t::text as row from account_tokens t');
        return [...jobs, ...tokens].map(({ row }) => row).join('\n');
      };
      expect(await rows()).toContain(email);
      expect(await rows()).not.toContain(token);

      const worker = await startWorkerProcess({
        DATABASE_URL: db.url,
        ENCRYPTION_KEY: encryptionKey,
        SMTP_URL: server.url,
        MAIL_FROM: 'notices@example.com',
      });
      const [mail] = await server.until(1);
      await worker.end('SIGTERM');
      // Quoted-printable, undone.
      const source = (mail?.source ?? '').replace(/=\r\n/g, '').replace(/=3D/g, '=');
      expect(mail?.to).toEqual([email]);
      expect(source).toMatch(subject);
      const link = `https://auth.example.com/verify?a=1&token=${token}`;
      expect(source).toContain(`:\r\n${link}\r\n`);
      expect(source).toContain(`<a href="${link.replace('&', '&amp;')}">`);
      expect(worker.log()).not.toContain(token);
      expect(await rows()).not.toContain(token);
    },
  );
});

describe('a token', () => {
  const make = async (expiresInSeconds = 60) => {
    const { id: userId, email } = await person();
    const secret = await createAccountToken(db, { purpose, userId, email, data: { a: 1 }, expiresInSeconds });
    return { secret, userId, email };
  };

  it('has 256 bits, tells whose it is, and is used once, of many tries at once', async () => {
    const { secret, userId, email } = await make();
    expect(Buffer.from(secret, 'base64url')).toHaveLength(32);
    const facts = { purpose, userId, email, data: { a: 1 } };
    expect(await findAccountToken(db, purpose, secret)).toMatchObject(facts);
    const tries = await Promise.all(
      Array.from({ length: 8 }, () => consumeAccountToken(db, purpose, secret)),
    );
    expect(tries.filter((found) => found !== null)).toEqual([expect.objectContaining(facts)]);
    expect(await findAccountToken(db, purpose, secret)).toBeNull();
  });

  it('that is unknown, too old or ended is none; those that have expired are deleted', async () => {
    const [old, ended, good] = [await make(-1), await make(), await make()];
    await endAccountTokens(db, purpose, ended.userId);
    for (const secret of ['x', old.secret, ended.secret]) {
      expect(await findAccountToken(db, purpose, secret)).toBeNull();
      expect(await consumeAccountToken(db, purpose, secret)).toBeNull();
    }
    expect(await deleteEndedAccountTokens(db, 10)).toBe(1);
    expect(await consumeAccountToken(db, purpose, good.secret)).not.toBeNull();
  });
});
