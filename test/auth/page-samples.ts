import type { PageData } from '../../apps/auth/src/pages.ts';

const organization = { id: 'org_1', name: 'Acme', role: 'owner' } as const;
const asked = { action: '/interaction/i1', clientName: 'Fleet Monitor', email: 'ada@example.com' };

const frame = {
  account: {
    email: 'ada@example.com',
    areas: [{ path: '/account', name: 'X14', about: 'X15', current: true }],
    notice: 'X16',
  },
};

const passkey = { action: '/sign-in/passkey', options: '{}' };

/** Each page with something in all of its parts. */
export const samples: PageData = {
  'sign-in': { ...asked, cancel: '/interaction/i1/cancel', passkey, error: 'X1' },
  'second-factor': {
    ...asked,
    startAgain: '/sign-in',
    cancel: '/interaction/i1/cancel',
    asks: 'totp',
    other: '/sign-in/second-factor?way=recovery',
    hasRecoveryCodes: true,
    passkey: '{}',
    error: 'X17',
  },
  'second-factor-required': { ...asked, organization: 'Acme', setUp: '/account/two-step', canChange: true },
  'two-step': {
    ...frame,
    isOn: true,
    required: 'X18',
    error: 'X19',
    query: '',
    totp: ['X20'],
    passkeys: [{ id: 'passkey_1', name: 'X21', synced: true, details: ['X22'] }],
    canAddPasskey: true,
    codesLeft: 2,
  },
  'two-step-totp': {
    ...frame,
    action: '/account/two-step/totp',
    back: '/account/two-step',
    qrCode: { size: 1, path: 'M0 0h1v1h-1z' },
    secret: 'X23',
    sealed: 'x',
    error: 'X24',
  },
  'two-step-passkey': {
    ...frame,
    action: '/account/two-step/passkey',
    back: '/account/two-step',
    name: 'X25',
    options: '{}',
    error: 'X26',
  },
  'recovery-codes': {
    ...frame,
    codes: ['X27'],
    download: 'data:text/plain,x',
    goOn: '/account',
    isNew: true,
  },
  consent: {
    ...asked,
    maker: 'Northwind',
    claimed: { name: 'Northwind', url: 'https://app.example.com/app' },
    logo: null,
    links: [{ href: 'https://app.example.com', text: 'X2' }],
    returnHost: 'app.example.com',
    organization,
    canChange: true,
    choices: [
      { scope: 'devices:read', words: 'X3', checked: true, required: false },
      { scope: 'openid', words: 'X4', checked: true, required: true },
    ],
    granted: [{ scope: 'devices:write', words: 'X5' }],
    refused: [{ scope: 'admin', words: 'X6' }],
    error: 'X7',
  },
  'choose-organization': { ...asked, organizations: [{ ...organization, checked: true }] },
  'device-code': { action: '/oauth/device', xsrf: 'x', userCode: 'BCDF-GHJK', error: 'X8' },
  'device-confirm': {
    action: '/oauth/device',
    xsrf: 'x',
    userCode: 'BCDF-GHJK',
    clientName: 'Fleet Monitor',
  },
  'sign-out': { action: '/oauth/logout/confirm', xsrf: 'x', clientName: 'Fleet Monitor' },
  'no-organization': { ...asked, withoutOauth: false },
  'account-home': { ...frame, name: 'Ada', email: 'ada@example.com', organizations: [] },
  confirm: {
    action: '/account/confirm',
    email: 'ada@example.com',
    ways: ['passkey', 'totp', 'password'],
    passkey: '{}',
    error: 'X13',
  },
  message: { title: 'X9', text: 'X10', facts: { X11: 'x' }, link: { href: '/account', text: 'X12' } },
};
