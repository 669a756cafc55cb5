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

/** A word of the list, however often and with whatever around and within; a short text again and again; or runs. */
function isCommon(text: string): boolean {
  const letters = text.replace(/\P{L}/gu, '');
  // A letter here and there is no word.
  const isWord = letters.length * 3 >= text.length;
  return (
    common.has(text) ||
    isRepeated(text) ||
    isRuns(text) ||
    (isWord && (common.has(letters) || isRepeated(letters)))
  );
}

function isRepeated(text: string): boolean {
  const [, unit] = /^(.+?)\1+$/su.exec(text) ?? [];
  return unit !== undefined && (unit.length < 4 || common.has(unit));
}

/** What hands and heads run along: the alphabet, digits, and the rows of English, French and German keyboards. */
const rows = [
  'abcdefghijklmnopqrstuvwxyz',
  '01234567890',
  ...['qwertyuiop', 'asdfghjkl', 'zxcvbnm'],
  ...['azertyuiop', 'qsdfghjklm', 'wxcvbn'],
  ...['qwertzuiop', 'yxcvbnm'],
];
const neighbours = new Set(
  rows.flatMap((row) => [...row.slice(1)].flatMap((after, at) => [row[at] + after, after + row[at]])),
);

/** Whether a text, without the signs in it if these are the smaller part, runs on for four characters and more on average. */
function isRuns(text: string): boolean {
  const bare = text.replace(/[^\p{L}\p{N}]/gu, '');
  const characters = bare.length * 2 > text.length ? bare : text;
  let runs = 1;
  for (let at = 1; at < characters.length; at++) {
    const [before, here] = [characters[at - 1] ?? '', characters[at] ?? ''];
    if (before !== here && !neighbours.has(before + here)) runs += 1;
  }
  return runs * 4 <= characters.length;
}
