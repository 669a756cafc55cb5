import { describe, expect, it } from '@jest/globals';
import { renderAccountMail } from '../../apps/worker/src/mail/render-account-mail.ts';
import { vaultwares } from '../../packages/catalog/products/vaultwares.ts';

const link = 'https://auth.example.com/account/sessions';
const data = {
  at: '2026-01-15T15:30:00.000Z',
  ipAddress: '203.0.113.5',
  browser: 'Firefox',
  system: 'Linux',
};

describe('a mail about a sign-in', () => {
  it.each([
    [
      'en',
      'New sign-in to your account at VaultWares',
      'Firefox on Linux, from the address 203.0.113.5, on 15 Jan 2026, 15:30 UTC',
      'change it at once',
    ],
    [
      'fr',
      'Nouvelle connexion à votre compte VaultWares',
      'Firefox sur Linux, depuis l’adresse 203.0.113.5, le 15 janv. 2026, 15:30 UTC',
      'changez-le tout de suite',
    ],
  ] as const)(
    'on a new device, in %s, says when by UTC, from where, with what, and what to do',
    (language, subject, facts, advice) => {
      const mail = renderAccountMail(vaultwares, { language, about: { kind: 'new_sign_in', data }, link });
      expect(mail.subject).toBe(subject);
      for (const words of [facts, advice, link]) {
        expect(mail.text).toContain(words);
        expect(mail.html).toContain(words);
      }
    },
  );

  it.each([
    ['en', 'an unknown browser on an unknown system'],
    ['fr', 'navigateur inconnu sur un système inconnu'],
  ] as const)('in %s has words for a browser that doesn’t say what it is', (language, words) => {
    const about = { kind: 'new_sign_in', data: { ...data, browser: null, system: null } } as const;
    expect(renderAccountMail(vaultwares, { language, about, link }).text).toContain(words);
  });

  it.each([
    ['en', '5 times a wrong code', 'Change your password'],
    ['fr', '5 fois un code erroné', 'Changer votre mot de passe'],
  ] as const)('that was stopped at its second step, in %s, says so', (language, words, button) => {
    const about = { kind: 'second_step_failed', data: { failures: 5 } } as const;
    const { text } = renderAccountMail(vaultwares, { language, about, link });
    expect([text.includes(words), text.includes(`${button}:\n${link}`)]).toEqual([true, true]);
  });
});
