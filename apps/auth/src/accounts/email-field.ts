import { z } from 'zod';

const address = z.email().max(254);

/** Whether a text can be the e-mail address of an account. */
export function isEmail(text: string): boolean {
  return address.safeParse(text).success;
}
