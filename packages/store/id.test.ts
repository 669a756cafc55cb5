import { describe, expect, it } from '@jest/globals';
import { newId, timeOfId } from './id.ts';

describe('the time of an id', () => {
  it('is when it was made, to the millisecond', () => {
    const before = Date.now();
    const time = timeOfId(newId('req')) ?? 0;
    expect(time).toBeGreaterThanOrEqual(before);
    expect(time).toBeLessThanOrEqual(Date.now());
    // The example of the UUIDv7 standard (RFC 9562 §A.6), as a TypeID.
    expect(timeOfId('req_01fwhe4ydgfk1shh6w1g60eecf')).toBe(Date.parse('2022-02-22T19:22:22Z'));
  });

  it.each([
    '',
    'req_',
    'req_01',
    'req_81fwhe4ydgfk1shh6w1g60eecf',
    'req_01fwhe4ydgfk1shh6w1g60eecfx',
    'req_01FWHE4YDGFK1SHH6W1G60EECF',
    'req_01fwhe4ydgfk1shh6w1g60eeci',
  ])('is null for what is no id: %s', (text) => {
    expect(timeOfId(text)).toBeNull();
  });
});
