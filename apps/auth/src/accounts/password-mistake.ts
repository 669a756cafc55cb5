import { dictionary } from '@zxcvbn-ts/language-common';

export const minCharacters = 12;
export const maxBytes = 72;

/** Why a password is not taken: a key of `passwords.mistakes` in the message files. */
export type PasswordMistake = 'short' | 'long' | 'longAccents' | 'common' | 'context';

const common: ReadonlySet<string> = new Set(dictionary['passwords-common']);

/**
 * What is wrong with a password that somebody chooses: too short, longer than bcrypt reads, among the common ones, or made of
 * what everybody knows (`context`: the product's name, the e-mail address). Null when it may be used; of whatever characters it
 * is made (NIST SP 800-63B §3.1.1.2).
 */
export function passwordMistake(password: string, context: readonly string[]): PasswordMistake | null {
  if ([...password].length < minCharacters) return 'short';
  const bytes = Buffer.byteLength(password);
  if (bytes > maxBytes) return bytes === password.length ? 'long' : 'longAccents';
  const text = password.toLowerCase();
  if (isCommon(text)) return 'common';
  const words = context.map((word) => word.toLowerCase()).filter((word) => word.length >= 4);
  return words.some((word) => text.includes(word)) ? 'context' : null;
}

/** What a password must not contain: the names of the product, and of the person at the e-mail address. */
export function passwordContext(productName: string, email: string): string[] {
  return [productName, email.split('@')[0] ?? ''];
}

/** In the list itself, a word of it repeated, or a word of it with digits and signs around, of which it is a third or more. */
function isCommon(text: string): boolean {
  if (common.has(text)) return true;
  const [, repeated] = /^(.+?)\1+$/s.exec(text) ?? [];
  if (repeated !== undefined && (repeated.length < 4 || common.has(repeated))) return true;
  const word = text.replace(/^\P{L}+|\P{L}+$/gu, '');
  return word.length * 3 >= text.length && common.has(word);
}
