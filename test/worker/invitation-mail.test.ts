import { describe, expect, it } from '@jest/globals';
import { loadProduct } from '#catalog';
import { renderAccountMail } from '../../apps/worker/src/mail/render-account-mail.ts';

const product = await loadProduct('vaultwares');
const link = 'https://auth.example.com/invitation?token=x';
const organization = 'Acme <b>';

describe('the mail of an invitation', () => {
  it.each([
    [
      'en',
      'Ada',
      'You are invited to Acme <b> at VaultWares',
      'Ada invites you to join Acme <b>',
      'as member',
    ],
    [
      'fr',
      null,
      'Vous êtes invité à rejoindre Acme <b> sur VaultWares',
      'Acme <b> vous invite',
      'que membre',
    ],
  ] as const)(
    'in %s tells who invites, into what, and has the link',
    (language, inviter, subject, who, role) => {
      const data = { organization, inviter, role: 'member', days: 7 } as const;
      const mail = renderAccountMail(product, { language, about: { kind: 'invitation', data }, link });
      expect(mail.subject).toBe(subject);
      for (const part of [who, role, '7', link]) expect(mail.text).toContain(part);
      expect(mail.html).toContain('Acme &lt;b&gt;');
      expect(mail.html).not.toContain('<b>');
    },
  );
});
