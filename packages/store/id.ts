import { typeid } from 'typeid-js';

/** A new TypeID: `prefix`, an underscore and a UUIDv7 in base32, so that ids sort by their time. */
export function newId(prefix: string): string {
  return typeid(prefix).toString();
}

// Crockford's base32, as TypeID writes it.
const digits = '0123456789abcdefghjkmnpqrstvwxyz';

/** When a TypeID was made, in milliseconds since 1970: the first 48 bits of its UUIDv7. Null for other texts. */
export function timeOfId(id: string): number | null {
  const [, time] = /^[a-z_]+_([0-7][0-9a-hjkmnp-tv-z]{9})[0-9a-hjkmnp-tv-z]{16}$/.exec(id) ?? [];
  if (time === undefined) return null;
  let milliseconds = 0;
  for (const digit of time) milliseconds = milliseconds * digits.length + digits.indexOf(digit);
  return milliseconds;
}
