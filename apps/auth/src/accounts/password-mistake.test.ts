import { describe, expect, it } from '@jest/globals';
import { dictionary } from '@zxcvbn-ts/language-common';
import { minCharacters, passwordContext, passwordMistake } from './password-mistake.ts';

const context = passwordContext('VaultWares', 'ada.lovelace@example.com');
const mistake = (password: string) => passwordMistake(password, context);

describe('a password', () => {
  it('has 12 characters or more, however many bytes these are', () => {
    expect(mistake('wet old map')).toBe('short');
    expect(mistake('wet old maps')).toBeNull();
    expect(mistake('🐘🦒🐢🦉🐝🦊🐙🦀🐳🦓🐌')).toBe('short');
    expect(mistake('🐘🦒🐢🦉🐝🦊🐙🦀🐳🦓🐌🦔')).toBeNull();
  });

  it('has 72 bytes at most, and other words where bytes are not characters', () => {
    const text = 'four words of nonsense, then '.repeat(3);
    expect(mistake(text.slice(0, 72))).toBeNull();
    expect(mistake(text.slice(0, 73))).toBe('long');
    expect(mistake('été à la forêt, là où naît la légère fumée des châteaux près d’Orléans')).toBe(
      'longAccents',
    );
  });

  it.each([
    'qwerty123456',
    '1Q2w3e4r5t6y',
    'passwordpassword',
    '111111111111',
    'abcabcabcabc',
    'Password1234',
    '!!dragon2024!!',
    '123412341234',
    'adminadmin12',
    'monkeymonkey1',
    'password password',
    'letmein-letmein',
    'iloveyou iloveyou',
    'p.a.s.s.w.o.r.d',
    'Password1 Password2',
    'abcdefghijkl',
    'zyxwvutsrqpo',
    'abcd-efgh-ijkl',
    '111122223333',
    '1234567890123',
    'qwertyuiop[]',
    'QSDFGHJKLM12',
    '!!!!????####',
  ])('%s is a common one', (password) => expect(mistake(password)).toBe('common'));

  it.each(['my vaultwares key', 'I am ADA.Lovelace'])('%s holds what everybody knows', (password) =>
    expect(mistake(password)).toBe('context'),
  );

  it.each([
    'correct horse battery',
    '83920193847561029384',
    'a dragon sits on a wall',
    'x7!mQp0#Lr2$Vt',
    'a rose is a rose is a rose',
    'my dog ate 1234 socks',
    'monkey and admin play chess',
    'the first student hid in a dress',
    'Il pleut sur Nantes, 1234567',
    '1234🐘🦒🐢🦉🐝🦊🐙🦀',
    '48a02-71b9c3d-e6f',
  ])('%s is good', (password) => expect(mistake(password)).toBeNull());

  it('of four words from a list of dice is good, whichever these are', () => {
    const words = dictionary['diceware-common'];
    for (let at = 0; at + 4 <= words.length; at += 4) {
      // Words that stand together begin alike: the worst there are.
      const password = words.slice(at, at + 4).join(' ');
      if (password.length >= minCharacters) expect([password, mistake(password)]).toEqual([password, null]);
    }
  });

  it('is not refused for a name of a few letters', () => {
    expect(passwordMistake('a box of old maps', passwordContext('Old', 'box@example.com'))).toBeNull();
  });
});
