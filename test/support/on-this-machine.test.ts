import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import { onThisMachine } from './on-this-machine.ts';

const required = process.env.REQUIRE_PROGRAMS;
let said = '';
beforeEach(() => {
  delete process.env.REQUIRE_PROGRAMS;
  said = '';
  jest.spyOn(process.stderr, 'write').mockImplementation((text) => {
    said += text;
    return true;
  });
});
afterEach(() => {
  jest.restoreAllMocks();
  if (required !== undefined) process.env.REQUIRE_PROGRAMS = required;
});

const missing = () => {
  throw new Error('lisp is not on the PATH');
};

it('is what was found, without a word', () => {
  expect([onThisMachine('cl-oauth', () => 'lisp'), said]).toEqual(['lisp', '']);
});

it('is null for what is missing, and the tests that are skipped are named with the reason', () => {
  expect([onThisMachine('cl-oauth', missing), said]).toEqual([
    null,
    'lisp is not on the PATH: the tests of cl-oauth are skipped\n',
  ]);
});

it('fails for what is missing where everything is required', () => {
  process.env.REQUIRE_PROGRAMS = '1';
  expect(() => onThisMachine('cl-oauth', missing)).toThrow('lisp is not on the PATH');
});
