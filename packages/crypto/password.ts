import bcrypt from 'bcrypt';

// The one dependency of this package: Node has no bcrypt.
const cost = 12;

/** bcrypt reads no more than this of a password, so a longer one would match by its beginning alone. */
const maxPasswordBytes = 72;

/** Of no password: what is compared when there is nothing to compare, so that both cases take the same time. */
const dummyHash = `$2b$${cost}$${'.'.repeat(53)}`;

/** The bcrypt hash of a password, cost 12. Throws a RangeError when it is longer than 72 bytes in UTF-8. */
export async function hashPassword(password: string): Promise<string> {
  if (Buffer.byteLength(password) > maxPasswordBytes) {
    throw new RangeError(`a password has at most ${maxPasswordBytes} bytes`);
  }
  return bcrypt.hash(password, cost);
}

/**
 * Whether `password` is the one behind `hash`. False for a null hash and for a password of more than 72 bytes,
 * after the same work as for a wrong one: the time tells nobody whether there is such a user.
 */
export async function verifyPassword(password: string, hash: string | null): Promise<boolean> {
  const comparable = hash !== null && Buffer.byteLength(password) <= maxPasswordBytes;
  const matches = await bcrypt.compare(password, comparable ? hash : dummyHash);
  return comparable && matches;
}
