import { describe, expect, it } from '@jest/globals';
import { isAddressAllowed, normaliseAddress, normaliseRange } from './client-address.ts';
import { readConfig, settings } from './config.ts';

const malformed = [
  '10/8',
  '192.168.1/24',
  '010.0.0.0/8',
  '10.0.0.0/08',
  '0x0a.0.0.0/8',
  '10.0.0.0/33',
  '2001:db8::/129',
  '2001:db8::/-1',
  '10.0.0.0/',
  '10.0.0.0/8/8',
  '10.0.0.0/255.0.0.0',
  'fe80::1%eth0/64',
  '10',
  '010.0.0.1',
  '192.168.1',
  '',
];

describe('a range', () => {
  it.each([
    ['10.1.2.3/8', '10.0.0.0/8'],
    ['10.1.2.3/32', '10.1.2.3/32'],
    ['0.0.0.0/0', '0.0.0.0/0'],
    ['2001:DB8::1/32', '2001:db8::/32'],
    ['10.1.2.3', '10.1.2.3'],
    ['::ffff:10.1.2.3', '10.1.2.3'],
    ['::ffff:127.0.0.1/128', '127.0.0.1/32'],
    ['::ffff:127.1.2.3/104', '127.0.0.0/8'],
    ['::ffff:0:0/96', '0.0.0.0/0'],
    ['::ffff:0:0/95', '::fffe:0:0/95'],
  ])('%s is %s', (text, range) => {
    expect(normaliseRange(text)).toBe(range);
  });

  it.each(malformed)('is not %j', (text) => {
    expect(normaliseRange(text)).toBeNull();
  });

  it('has the IPv4 addresses of an IPv4-mapped network', () => {
    const ranges = [normaliseRange('::ffff:127.0.0.0/104') ?? ''];
    expect([isAddressAllowed('127.9.9.9', ranges), isAddressAllowed('128.0.0.1', ranges)]).toEqual([
      true,
      false,
    ]);
  });
});

it('an address has four parts without leading zeros, or is IPv6', () => {
  for (const text of ['10', '192.168.1', '010.0.0.1', '0x7f.1']) expect(normaliseAddress(text)).toBeNull();
  expect(normaliseAddress('::FFFF:10.0.0.1')).toBe('10.0.0.1');
});

describe('TRUSTED_PROXIES', () => {
  const read = (text: string) =>
    readConfig({ TRUSTED_PROXIES: settings.TRUSTED_PROXIES }, { TRUSTED_PROXIES: text });

  it('are addresses and ranges', () => {
    expect(read('127.0.0.1, 10.0.0.0/8,::1')).toEqual({
      TRUSTED_PROXIES: ['127.0.0.1', '10.0.0.0/8', '::1'],
    });
    expect(read('')).toEqual({ TRUSTED_PROXIES: [] });
  });

  it.each(malformed.filter((text) => text !== ''))('are refused by name as %j', (text) => {
    expect(() => read(`127.0.0.1,${text}`)).toThrow(
      /^TRUSTED_PROXIES must be addresses and CIDR ranges, comma-separated$/,
    );
  });
});
