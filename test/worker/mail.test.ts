import { mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { loadProduct, type MailedEvent } from '#catalog';
import { fileSender } from '../../apps/worker/src/mail/file-sender.ts';
import { MailRefused } from '../../apps/worker/src/mail/mail-sender.ts';
import { renderNotice } from '../../apps/worker/src/mail/render-notice.ts';
import { smtpSender } from '../../apps/worker/src/mail/smtp-sender.ts';
import { startMailServer } from '../support/mail-server.ts';
import { temporaryFolder } from '../support/npm-start.ts';

const product = await loadProduct('vaultwares');
const from = { name: product.name, address: 'notices@example.com' };

const expiring = (name: string): MailedEvent => ({
  type: 'api_key.expiring',
  data: { key_id: 'key_1', name, hint: 'k_…aB3d', expires_at: '2026-08-03T14:05:06.123456Z', days_left: 3 },
});
const leaked = (outcome: 'paused' | 'revoked', found_at: string | null): MailedEvent => ({
  type: 'api_key.leaked',
  data: { key_id: 'key_1', name: 'Export', hint: 'k_…aB3d', outcome, found_at },
});
const message = (notice: { subject: string; text: string }, to = 'ops@example.org') => ({
  id: 'id-1',
  to,
  ...notice,
});
const notice = (event: MailedEvent, organizationName = 'Acme') =>
  renderNotice(product, { organizationName, event });

describe('a notice', () => {
  it('of an expiry tells which key, of whom, when, and what to do', () => {
    const { subject, text } = notice(expiring('Nightly export'));
    expect(subject).toBe('API key "Nightly export" expires in 3 days');
    for (const part of [
      'k_…aB3d',
      'Acme',
      '2026-08-03 at 14:05 UTC',
      'key_1',
      'later expiry',
      product.name,
    ]) {
      expect(text).toContain(part);
    }
  });

  it.each([
    [
      'paused',
      'https://paste.example/1',
      /is paused[\s\S]+https:\/\/paste\.example\/1[\s\S]+before you resume/,
    ],
    ['revoked', null, /is revoked[\s\S]+does not say where[\s\S]+create a new key/],
  ] as const)(
    'of a leak tells that the key is %s, where it was found, and what to do',
    (outcome, foundAt, words) => {
      const { subject, text } = notice(leaked(outcome, foundAt));
      expect(subject).toBe(`API key "Export" was found in public and is ${outcome}`);
      expect(text).toMatch(words);
    },
  );
});

const hostile = 'x\r\nBcc: victim@example.net\r\n\r\nHello\u2028\u202e\u0000';

describe('by SMTP', () => {
  it('a message arrives whole, from the product’s name, at its one recipient, with an id that stays', async () => {
    const server = await startMailServer();
    const sender = smtpSender(server.url, from);
    const sent = message(notice(expiring('Größe')));
    await sender.send(sent);
    await sender.send(sent);
    const [first, second] = await server.until(2);
    expect([first?.from, first?.to]).toEqual(['notices@example.com', ['ops@example.org']]);
    expect(first?.source).toMatch(/^From: VaultWares <notices@example\.com>\r$/m);
    expect(first?.source).toMatch(/^Subject: =\?UTF-8\?/m);
    const id = /^Message-ID: <id-1@example\.com>\r$/m;
    expect([first?.source, second?.source]).toEqual([expect.stringMatching(id), expect.stringMatching(id)]);
  });

  it('no name adds a header, a recipient or a line', async () => {
    const server = await startMailServer();
    const words = notice(expiring(hostile), hostile);
    expect(words.text.split('\n').filter((line) => /^(Bcc|Hello)/.test(line))).toEqual([]);
    await smtpSender(server.url, from).send(message({ ...words, subject: `${words.subject}${hostile}` }));
    const [mail] = await server.until(1);
    const headers = mail?.source.split('\r\n\r\n')[0]?.replace(/\r\n[ \t]+/g, ' ');
    expect(headers).not.toMatch(/^Bcc:/im);
    expect(mail?.to).toEqual(['ops@example.org']);
  });

  it.each(['a@example.com, b@example.com', 'a@example.com>\r\nRCPT TO:<b@example.com'])(
    'an address (%j) is never read as two: nobody gets the message',
    async (to) => {
      const server = await startMailServer();
      const sending = smtpSender(server.url, from).send(message(notice(expiring('x')), to));
      await expect(sending).rejects.toThrow(MailRefused);
      expect(server.received).toEqual([]);
    },
  );

  const refusing = (step: 'onMailFrom' | 'onRcptTo', responseCode: number) =>
    startMailServer({
      [step]: (_address: unknown, _session: unknown, done: (error: Error) => void) =>
        done(Object.assign(new Error('no'), { responseCode })),
    });

  it.each([
    ['the recipient', 550, 'onRcptTo', true],
    ['the recipient for now', 451, 'onRcptTo', false],
    ['the sender, which is for the operator to mend,', 550, 'onMailFrom', false],
  ] as const)(
    'a server that refuses %s (%i) is asked no more only where it is no use',
    async (_what, code, step, forGood) => {
      const server = await refusing(step, code);
      const sending = smtpSender(server.url, from).send(message(notice(expiring('x'))));
      const error = await sending.catch((reason) => reason);
      expect([error instanceof MailRefused, error.responseCode]).toEqual([forGood, code]);
    },
  );

  it('a password is not sent to a server without TLS', async () => {
    const passwords: unknown[] = [];
    const server = await startMailServer({
      disabledCommands: ['STARTTLS'],
      allowInsecureAuth: true,
      authOptional: true,
      onAuth({ password }, _session, done) {
        passwords.push(password);
        done(null, { user: 'someone' });
      },
    });
    const url = server.url.replace('//', '//user:hunter2@');
    await expect(smtpSender(url, from).send(message(notice(expiring('x'))))).rejects.toThrow();
    expect([passwords, server.received]).toEqual([[], []]);
  });
});

describe('without SMTP', () => {
  it('a message is one file, which its owner alone can read, however often it is sent', async () => {
    const folder = join(temporaryFolder(), 'mail');
    const sender = fileSender(folder, from);
    for (let n = 0; n < 2; n++) await sender.send(message(notice(expiring('Nightly export'))));
    expect(readdirSync(folder)).toEqual(['id-1.eml']);
    const path = join(folder, 'id-1.eml');
    expect([statSync(path).mode & 0o777, statSync(folder).mode & 0o777]).toEqual([0o600, 0o700]);
    const source = readFileSync(path, 'utf8');
    expect(source).toMatch(/^To: ops@example\.org\r?$/m);
    expect(source).toMatch(/^Subject: \S*API_key_\S*Nightly_export/m);
  });

  it('a message that can’t be written whole leaves no .eml file', async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'id-1.eml.part'));
    await expect(fileSender(folder, from).send(message(notice(expiring('x'))))).rejects.toThrow();
    expect(readdirSync(folder)).toEqual(['id-1.eml.part']);
  });
});
