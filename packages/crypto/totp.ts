import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { fromBase32, toBase32 } from './base32.ts';

const stepSeconds = 30;
const digits = 6;
/** A clock may be one step behind or ahead (RFC 6238 §5.2). */
const drift = [-1, 0, 1];

/** A new secret for codes by the time: 160 random bits (RFC 4226 §4) in base32, as authenticator apps read it. */
export function makeTotpSecret(): string {
  return toBase32(randomBytes(20));
}

/** The six digits that an authenticator app shows for a secret at a time (RFC 6238, with HMAC-SHA-1 and 30 seconds). */
export function totpCode(secret: string, now = Date.now()): string {
  return codeAt(fromBase32(secret), stepAt(now));
}

/**
 * The time step whose code this is, now or one step beside; null for a wrong one. Whoever asks keeps the step, and takes no
 * code of it or an earlier one again (RFC 6238 §5.2).
 */
export function matchTotp(secret: string, code: string, now = Date.now()): number | null {
  const given = Buffer.from(code);
  if (given.length !== digits) return null;
  const key = fromBase32(secret);
  const matching = drift
    .map((offset) => stepAt(now) + offset)
    .filter((step) => timingSafeEqual(Buffer.from(codeAt(key, step)), given));
  return matching.at(-1) ?? null;
}

/** What a QR code holds for an authenticator app to read. */
export function totpUri(secret: string, { issuer, account }: { issuer: string; account: string }): string {
  const label = `${encodeURIComponent(issuer)}:${encodeURIComponent(account)}`;
  return `otpauth://totp/${label}?secret=${secret}&issuer=${encodeURIComponent(issuer)}`;
}

function stepAt(now: number): number {
  return Math.floor(now / 1000 / stepSeconds);
}

/** RFC 4226 §5.3: four bytes of the HMAC, where its last four bits say, as decimal digits. */
function codeAt(key: Buffer, step: number): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const mac = createHmac('sha1', key).update(counter).digest();
  const value = mac.readUInt32BE(mac.readUInt8(19) & 15) & 0x7fffffff;
  return String(value % 10 ** digits).padStart(digits, '0');
}
