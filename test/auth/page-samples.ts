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

/** Each page with something in all of its parts. */
export const samples: PageData = {
  'sign-in': { ...asked, cancel: '/interaction/i1/cancel', error: 'X1' },
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
  'account-organizations': {
    ...frame,
    organizations: [{ name: 'Acme', role: 'X17', members: '/account/m', leave: '/account/l' }],
    create: { action: '/account/organizations', name: 'X18', error: 'X19' },
  },
  'account-leave': { ...frame, name: 'Acme', action: '/account/l', back: '/account', error: 'X20' },
  'account-members': {
    ...frame,
    organization: 'Acme',
    action: '/account/m',
    back: '/account',
    members: [{ name: 'Ada', email: 'ada@example.com', role: 'X21', own: true, path: '/account/m/1' }],
    next: '/account/m?after=1',
    invitations: [
      { email: 'bob@example.com', role: 'X22', until: 'X23', expired: false, path: '/account/i/1' },
      { email: 'eve@example.com', role: 'X24', until: 'X25', expired: true, path: null },
    ],
    roles: [{ value: 'viewer', text: 'X26' }],
    email: 'eve@example.com',
    role: 'viewer',
    error: 'X27',
  },
  'account-member': {
    ...frame,
    organization: 'Acme',
    name: 'Ada',
    email: 'ada@example.com',
    role: 'viewer',
    roles: [{ value: 'viewer', text: 'X28' }],
    action: '/account/m/1',
    back: '/account/m',
    error: 'X29',
  },
  invitation: {
    action: '/invitation',
    accountAction: '/invitation/account',
    switchAction: '/invitation/switch',
    signIn: '/sign-in',
    organization: 'Acme',
    email: 'ada@example.com',
    role: 'X30',
    next: 'account',
    signedInAs: null,
    name: 'Ada',
    nameError: 'X31',
    passwordError: 'X32',
  },
  confirm: { action: '/account/confirm', email: 'ada@example.com', ways: ['password'], error: 'X13' },
  message: { title: 'X9', text: 'X10', facts: { X11: 'x' }, link: { href: '/account', text: 'X12' } },
};
