import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Request, Response } from 'express';
import { deriveKey, randomSecret } from '#crypto';
import { cookieAttributes, cookieName, readCookie } from '../cookies.ts';
import { emailKey } from '../email.ts';

/** For so many accounts one browser is known; the one that signed in longest ago is forgotten. */
const maxAccounts = 5;
const lifeMs = 400 * 86_400_000;

/**
 * Knows the browsers that have signed in to an account before, so that their tries are not counted with those of strangers
 * (OWASP, "Slow Down Online Guessing Attacks with Device Cookies"). The cookie has a random name of the device for each
 * account, with a MAC over it and the e-mail address; it opens nothing by itself.
 */
export interface KnownDevices {
  /** The device's name for the account with this address; null when it has not signed in there before. */
  nameOf(request: Request, email: string): string | null;
  /** Knows the browser from now on. */
  remember(request: Request, response: Response, email: string): void;
}

export function knownDevices({
  issuer,
  encryptionKey,
}: {
  issuer: string;
  encryptionKey: string;
}): KnownDevices {
  const cookie = cookieName(issuer, 'keystile_devices');
  const key = deriveKey(encryptionKey, 'keystile known devices');
  const macOf = (name: string, email: string) =>
    createHmac('sha256', key)
      .update(`${name}.${emailKey(email)}`)
      .digest();
  const isFor = (entry: string, email: string) => {
    const [name = '', mac = ''] = entry.split('.');
    const [given, right] = [Buffer.from(mac, 'base64url'), macOf(name, email)];
    return given.length === right.length && timingSafeEqual(given, right);
  };
  const entriesOf = (request: Request) =>
    (readCookie(request, cookie) ?? '').split('~').slice(0, maxAccounts);

  return {
    nameOf(request, email) {
      const entry = entriesOf(request).find((each) => isFor(each, email));
      return entry?.split('.')[0] ?? null;
    },
    remember(request, response, email) {
      const others = entriesOf(request).filter((entry) => entry !== '' && !isFor(entry, email));
      const name = randomSecret();
      const entry = `${name}.${macOf(name, email).toString('base64url')}`;
      response.cookie(cookie, [entry, ...others].slice(0, maxAccounts).join('~'), {
        ...cookieAttributes(issuer),
        maxAge: lifeMs,
      });
    },
  };
}
