import type { GrantEnd, Language } from '#catalog';
import type { Queryable } from './database.ts';
import { endSignIns } from './end-sign-ins.ts';
import { newId } from './id.ts';
import { hasSecondFactor } from './second-factors.ts';
import { sqlState, uniqueViolation } from './unavailable.ts';

/** A person. `passwordHash` is bcrypt's; null for one who was added by an organization and has no password yet. */
export interface User {
  id: string;
  email: string;
  name: string;
  passwordHash: string | null;
  /** Seconds since 1970: sign-ins before that ended with a change of the password. */
  sessionsFrom: number;
  /** What the person reads, as far as is known. */
  language: Language | null;
  /** Whether a password alone is no sign-in any more. */
  hasSecondFactor: boolean;
  /** Whether the operator keeps the person out. */
  isDisabled: boolean;
}

const columns = `u.id, u.email, u.name, u.password_hash as "passwordHash",
  extract(epoch from u.sessions_from)::integer as "sessionsFrom", u.language, ${hasSecondFactor} as "hasSecondFactor",
  u.disabled_at is not null as "isDisabled"`;

export async function findUser(db: Queryable, id: string): Promise<User | null> {
  const [row] = await db.query<User>(`select ${columns} from users u where u.id = $1`, [id]);
  return row ?? null;
}

/** The same, with the row held until the transaction ends. */
export async function lockUser(tx: Queryable, id: string): Promise<User | null> {
  await tx.query('select u.id from users u where u.id = $1 for no key update', [id]);
  // A second look: the first one's snapshot may be older than the lock.
  return findUser(tx, id);
}

/** The same for several transactions at once: none may change the password or the factors, and all may read on. */
export async function holdUser(tx: Queryable, id: string): Promise<User | null> {
  await tx.query('select u.id from users u where u.id = $1 for share', [id]);
  return findUser(tx, id);
}

/** Addresses are compared without regard to case. */
export async function findUserByEmail(db: Queryable, email: string): Promise<User | null> {
  const [row] = await db.query<User>(`select ${columns} from users u where lower(u.email) = lower($1)`, [
    email,
  ]);
  return row ?? null;
}

/** The user with this address; made when there is none, and left as it is when there is one. */
export async function findOrInsertUser(
  db: Queryable,
  user: { email: string; name: string; passwordHash: string | null },
): Promise<User> {
  const found = (await insertUser(db, user)) ?? (await findUserByEmail(db, user.email));
  // Whoever had the address has given it up between the two.
  return found ?? findOrInsertUser(db, user);
}

/** A new user; null when somebody has this address already. */
export async function insertUser(
  db: Queryable,
  user: { email: string; name: string; passwordHash: string | null; language?: Language | null },
): Promise<User | null> {
  const [row] = await db.query<User>(
    `insert into users as u (id, email, name, password_hash, language) values ($1, $2, $3, $4, $5)
     on conflict (lower(email)) do nothing returning ${columns}`,
    [newId('user'), user.email, user.name, user.passwordHash, user.language ?? null],
  );
  return row ?? null;
}

export async function renameUser(db: Queryable, id: string, name: string): Promise<void> {
  await db.query('update users u set name = $2 where u.id = $1', [id, name]);
}

export async function setUserLanguage(db: Queryable, id: string, language: Language): Promise<void> {
  await db.query('update users u set language = $2 where u.id = $1', [id, language]);
}

/** Whether this is the first sign-in of a user, which is noted. Of two at once, one is. */
export async function noteFirstSignIn(tx: Queryable, id: string): Promise<boolean> {
  const rows = await tx.query(
    'update users u set first_sign_in_at = now() where u.id = $1 and u.first_sign_in_at is null returning u.id',
    [id],
  );
  return rows.length === 1;
}

/** Gives a user another address, in a transaction; false when somebody else has it, also since this very moment. */
export async function changeEmail(tx: Queryable, id: string, email: string): Promise<boolean> {
  await tx.query('savepoint change_email');
  try {
    await tx.query('update users u set email = $2 where u.id = $1', [id, email]);
    return true;
  } catch (error) {
    if (sqlState(error) !== uniqueViolation) throw error;
    await tx.query('rollback to savepoint change_email');
    return false;
  }
}

/** Gives a user another password, or none. All sign-ins end: whoever knew the former password may hold one of them. */
export async function changePassword(
  tx: Queryable,
  id: string,
  passwordHash: string | null,
  reason: GrantEnd = 'password_changed',
): Promise<void> {
  await tx.query('update users u set password_hash = $2 where u.id = $1', [id, passwordHash]);
  await endSignIns(tx, id, reason);
}
