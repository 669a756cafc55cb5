import { typeid } from 'typeid-js';

/** A new TypeID: `prefix`, an underscore and a UUIDv7 in base32, so that ids sort by their time. */
export function newId(prefix: string): string {
  return typeid(prefix).toString();
}
