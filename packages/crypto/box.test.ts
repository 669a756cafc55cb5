import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { openBox, secretBox } from './box.ts';
import { hashSecret } from './hash-secret.ts';

const box = openBox(randomBytes(32).toString('hex'));

describe('a box', () => {
  it('gives back what was sealed, and never seals twice alike', () => {
    const sealed = box.seal('a secret', 'webhook');
    expect(box.open(sealed, 'webhook')).toBe('a secret');
    expect(box.seal('a secret', 'webhook')).not.toEqual(sealed);
  });

  it('does not open for another purpose, with another key, or after a change', () => {
    const sealed = box.seal('a secret', 'webhook');
    expect(() => box.open(sealed, 'signing key')).toThrow();
    expect(() => openBox(randomBytes(32).toString('hex')).open(sealed, 'webhook')).toThrow();
    for (let at = 0; at < sealed.length; at++) {
      const changed = Buffer.from(sealed);
      changed.writeUInt8(changed.readUInt8(at) ^ 1, at);
      expect(() => box.open(changed, 'webhook')).toThrow();
    }
  });
});

describe('a box of a secret', () => {
  it('opens with that secret, and not with what is stored of it', () => {
    const sealed = secretBox('a long secret').seal('an answer', 'purpose');
    expect(secretBox('a long secret').open(sealed, 'purpose')).toBe('an answer');
    expect(() => secretBox('another secret').open(sealed, 'purpose')).toThrow();
    const stored = hashSecret('a long secret').toString('hex');
    expect(() => secretBox(stored).open(sealed, 'purpose')).toThrow();
    expect(() => openBox(stored).open(sealed, 'purpose')).toThrow();
  });
});
