import { makeSigningKey, openSigningKey } from '#crypto';
import type { Database } from './database.ts';
import {
  insertSigningKey,
  listSigningKeys,
  lockSigningKeys,
  markSigningKeyRevoked,
  type SigningKey,
} from './signing-keys.ts';

/**
 * Drops a signing key whose private half somebody else may have: nothing that it signed is good any more. Where it was the
 * one that signs, a new one signs at once. Returns all keys, the latest first.
 *
 * Throws an Error of one line when there is no such key, or `encryptionKey` is not the one of the keys that are there.
 */
export async function revokeSigningKey(
  db: Database,
  encryptionKey: string,
  id: string,
): Promise<SigningKey[]> {
  return db.transaction(async (tx) => {
    await lockSigningKeys(tx);
    const key = (await listSigningKeys(tx)).find((each) => each.id === id);
    if (!key) throw new Error(`there is no signing key ${id}`);
    if (key.state === 'revoked') throw new Error(`${id} is revoked already`);
    await markSigningKeyRevoked(tx, id);
    if (key.state === 'signing') {
      openSigningKey(encryptionKey, key.sealedPrivateJwk);
      await insertSigningKey(tx, makeSigningKey(encryptionKey), 0);
    }
    return listSigningKeys(tx);
  });
}
