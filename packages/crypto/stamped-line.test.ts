import { expect, it } from '@jest/globals';
import { readStampedLine, stampLine } from './stamped-line.ts';

const text = '{"b":1.0,"a":{"hash":"x"}}';

it('a stamped line is JSON whose first field is the stamp, and gives back the very text', () => {
  const line = stampLine('hash', 'ab12', text);
  expect(line).toBe('{"hash":"ab12","b":1.0,"a":{"hash":"x"}}');
  expect(readStampedLine('hash', line)).toEqual({ stamp: 'ab12', text });
});

it('a line without the stamp in its place is none', () => {
  const others = [
    '',
    text,
    stampLine('signature', 'ab12', text),
    ` ${stampLine('hash', 'ab12', text)}`,
    '{"hash":"AB",}',
  ];
  expect(others.map((line) => readStampedLine('hash', line))).toEqual(others.map(() => null));
});
