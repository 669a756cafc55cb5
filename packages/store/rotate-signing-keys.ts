import { makeSigningKey, openSigningKey } from '#crypto';
import type { Database } from './database.ts';
import {
  deleteEndedSigningKeys,
  insertSigningKey,
  listSigningKeys,
  lockSigningKeys,
  type SigningKey,
} from './signing-keys.ts';

// Long enough for every process of ours, and for whoever keeps a copy of the published keys.
const publishedBeforeSeconds = 3_600;
const dayMs = 86_400_000;

/**
 * Publishes a new signing key, which signs an hour later, if the newest one is older than `ifOlderThanDays` days and
 * none is waiting already; the first key of all signs at once. Deletes the keys that nothing needs any more.
 * Processes that call it at once take turns. Returns all keys, the latest first.
 *
 * Throws an Error of one line when the encryption key is not the one of the keys that are there.
 */
export async function rotateSigningKeys(
  db: Database,
  encryptionKey: string,
  ifOlderThanDays: number,
): Promise<SigningKey[]> {
  const before = await listSigningKeys(db);
  if (!isDue(before, ifOlderThanDays)) return before;
  return db.transaction(async (tx) => {
    await lockSigningKeys(tx);
    const keys = await listSigningKeys(tx);
    if (!isDue(keys, ifOlderThanDays)) return keys;
    const newest = keys.find(({ state }) => state !== 'revoked');
    if (newest) openSigningKey(encryptionKey, newest.sealedPrivateJwk);
    await insertSigningKey(tx, makeSigningKey(encryptionKey), newest ? publishedBeforeSeconds : 0);
    await deleteEndedSigningKeys(tx);
    return listSigningKeys(tx);
  });
}

function isDue(keys: readonly SigningKey[], days: number): boolean {
  const newest = keys.find(({ state }) => state !== 'revoked');
  return !newest || (newest.state !== 'waiting' && Date.parse(newest.createdAt) <= Date.now() - days * dayMs);
}
