import { describe, expect, it } from '@jest/globals';
import { loadProduct } from '#catalog';
import { renderAccountMail } from '../../apps/worker/src/mail/render-account-mail.ts';

const product = await loadProduct('vaultwares');
const shared = { app: 'Fleet <Monitor>', organization: 'Acme' };
const link = 'https://auth.example.com/account/organization-apps?organization=org_1';

describe('a mail about an app', () => {
  it.each([
    ['en', 'ada@example.com asks for the app Fleet <Monitor> in Acme', 'See the request'],
    ['fr', 'ada@example.com demande l’application Fleet <Monitor> dans Acme', 'Voir la demande'],
  ] as const)('that is asked for tells in %s who, what, where and why', (language, subject, button) => {
    const data = { ...shared, person: 'ada@example.com', message: 'For <b>work</b>' };
    const mail = renderAccountMail(product, { language, link, about: { kind: 'app_requested', data } });
    expect(mail.subject).toBe(subject);
    expect(mail.text).toContain(`${button}:\n${link}`);
    expect(mail.text).toContain('For <b>work</b>');
    expect(mail.html).toContain('For &lt;b&gt;work&lt;/b&gt;');
    const without = { ...data, message: '' };
    const short = renderAccountMail(product, {
      language,
      link,
      about: { kind: 'app_requested', data: without },
    });
    expect(short.text).not.toMatch(/writes|écrit/);
  });

  it.each([
    ['en', 'allowed', 'You can connect Fleet <Monitor> to Acme'],
    ['en', 'denied', 'Fleet <Monitor> was not allowed in Acme'],
    ['fr', 'allowed', 'Vous pouvez connecter Fleet <Monitor> à Acme'],
    ['fr', 'denied', 'Fleet <Monitor> n’a pas été autorisée dans Acme'],
  ] as const)('that was decided about tells in %s that it is %s', (language, decision, subject) => {
    const about = { kind: 'app_decided', data: { ...shared, decision } } as const;
    const mail = renderAccountMail(product, { language, link: null, about });
    expect(mail.subject).toBe(subject);
    expect(mail.html).toContain('Fleet &lt;Monitor&gt;');
    expect(mail.html).not.toContain('href');
  });
});
