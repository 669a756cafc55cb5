import { z } from 'zod';

/** The e-mail address of an account. It has no letters that JavaScript and PostgreSQL lower-case differently. */
export const emailAddress = z.email().max(254);

export function isEmailAddress(text: string): boolean {
  return emailAddress.safeParse(text).success;
}
