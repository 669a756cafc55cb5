import { isEmailAddress } from '#catalog';
import { verifyPassword } from '#crypto';
import { type Database, findUserByEmail, type User } from '#store';
import { emailOf } from './email.ts';

/**
 * The user whose e-mail address and password a form brings, and when the sign-in counts from; null when they don't match, or
 * the user is disabled. It takes as long for an address that nobody has.
 */
export async function checkPassword(
  db: Database,
  form: URLSearchParams,
): Promise<{ user: User; authTime: number } | null> {
  const startedAt = Math.floor(Date.now() / 1000);
  const email = emailOf(form);
  // Others could be found all the same, by letters that are counted as another address: lower('İ') is 'i' in PostgreSQL.
  const user = isEmailAddress(email) ? await findUserByEmail(db, email) : null;
  const right = await verifyPassword(form.get('password') ?? '', user?.passwordHash ?? null);
  // Not when bcrypt was done with it: the password may have been changed meanwhile.
  return right && user && !user.isDisabled
    ? { user, authTime: Math.max(startedAt, user.sessionsFrom) }
    : null;
}
