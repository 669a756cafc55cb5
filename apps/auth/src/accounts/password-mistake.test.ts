import { describe, expect, it } from '@jest/globals';
import { passwordContext, passwordMistake } from './password-mistake.ts';

const context = passwordContext('VaultWares', 'ada.lovelace@example.com');
const mistake = (password: string) => passwordMistake(password, context);

describe('a password', () => {
  it('has 12 characters or more, however many bytes these are', () => {
    expect(mistake('tuv wxy pqr')).toBe('short');
    expect(mistake('tuv wxy pqrs')).toBeNull();
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
  ])('%s is a common one', (password) => expect(mistake(password)).toBe('common'));

  it.each(['my vaultwares key', 'I am ADA.Lovelace'])('%s holds what everybody knows', (password) =>
    expect(mistake(password)).toBe('context'),
  );

  it.each(['correct horse battery', '83920193847561029384', 'a dragon sits on a wall', 'x7!mQp0#Lr2$Vt'])(
    '%s is good',
    (password) => expect(mistake(password)).toBeNull(),
  );

  it('is not refused for a name of a few letters', () => {
    expect(passwordMistake('a box of old maps', passwordContext('Old', 'box@example.com'))).toBeNull();
  });
});
