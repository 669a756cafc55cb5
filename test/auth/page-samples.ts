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
const use = {
  scopes: [{ scope: 'admin', words: 'Z17', sensitive: true, unused: true }],
  lastUsed: 'Z18',
  requests: '1',
};

/** Each page with something in all of its parts. */
export const samples: PageData = {
  'sign-in': {
    ...asked,
    cancel: '/interaction/i1/cancel',
    passkey,
    error: 'X1',
    links: { reset: '/reset', signUp: '/sign-up' },
  },
  'sign-up': { action: '/sign-up', email: 'ada@example.com', error: 'X17', signIn: '/sign-in' },
  'sign-up-finish': {
    action: '/sign-up/finish',
    email: 'ada@example.com',
    name: 'Ada',
    organization: 'Acme',
    errors: { name: 'X18', organization: 'X19', password: 'X20' },
  },
  'mail-sent': { action: '/reset', email: 'ada@example.com', back: '/reset' },
  reset: { action: '/reset', email: 'ada@example.com', error: 'X21', signIn: '/sign-in' },
  'choose-password': { action: '/reset/choose', email: 'ada@example.com', first: false, error: 'X22' },
  'change-email': {
    action: '/account/email',
    email: 'ada@example.com',
    value: 'b@example.com',
    error: 'X23',
  },
  'confirm-link': { kind: 'undo', action: '/email/undo', email: 'ada@example.com' },
  profile: { ...frame, name: 'Ada', email: 'ada@example.com', error: 'X24' },
  password: { ...frame, email: 'ada@example.com', has: true, errors: { password: 'X25', chosen: 'X26' } },
  sessions: {
    ...frame,
    items: [
      { uid: 'u1', title: 'X27', details: ['X28'], current: true },
      { uid: 'u2', title: 'X29', details: [], current: false },
    ],
  },
  'second-factor': {
    ...asked,
    startAgain: '/sign-in',
    cancel: '/interaction/i1/cancel',
    asks: 'totp',
    other: '/sign-in/second-factor?way=recovery',
    hasRecoveryCodes: true,
    passkey: '{}',
    error: 'Y17',
  },
  'second-factor-required': { ...asked, organization: 'Acme', setUp: '/account/two-step', canChange: true },
  'two-step': {
    ...frame,
    isOn: true,
    required: 'Y18',
    error: 'Y19',
    query: '',
    totp: ['Y20'],
    passkeys: [{ id: 'passkey_1', name: 'Y21', synced: true, details: ['Y22'] }],
    canAddPasskey: true,
    codesLeft: 2,
  },
  'two-step-totp': {
    ...frame,
    action: '/account/two-step/totp',
    back: '/account/two-step',
    qrCode: { size: 1, path: 'M0 0h1v1h-1z' },
    secret: 'Y23',
    sealed: 'x',
    error: 'Y24',
  },
  'two-step-passkey': {
    ...frame,
    action: '/account/two-step/passkey',
    back: '/account/two-step',
    name: 'Y25',
    options: '{}',
    error: 'Y26',
  },
  'recovery-codes': {
    ...frame,
    codes: ['Y27'],
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
      { scope: 'devices:read', words: 'X3', sensitive: false, checked: true, required: false },
      { scope: 'openid', words: 'X4', sensitive: false, checked: true, required: true },
    ],
    granted: [{ scope: 'devices:write', words: 'X5', sensitive: false }],
    refused: [{ scope: 'admin', words: 'X6', sensitive: true }],
    error: 'X7',
  },
  'app-approval': {
    ...asked,
    maker: 'Northwind',
    claimed: { name: 'Northwind', url: 'https://app.example.com/app' },
    organization,
    canChange: true,
    state: 'ask',
    askedOn: null,
    decidePath: null,
    message: 'X19',
    maxMessage: 500,
    error: 'X20',
  },
  'connected-apps': {
    ...frame,
    apps: [
      {
        ...use,
        id: 'con_1',
        name: 'Fleet Monitor',
        maker: 'Northwind',
        organization: 'Acme',
        connectedOn: 'X21',
      },
    ],
    requests: [{ name: 'Fleet Monitor', organization: 'Acme', askedOn: 'X22', state: 'pending' }],
    requiredScope: 'openid',
  },
  'organization-apps': {
    ...frame,
    organizations: [organization, { id: 'org_2', name: 'Northwind' }],
    organization: { ...organization, policy: 'approval' },
    policies: ['allowed', 'approval', 'denied'],
    requests: [
      { clientId: 'c', name: 'Fleet Monitor', person: 'ada@example.com', message: 'X23', askedOn: 'X24' },
    ],
    decisions: [
      { id: 'appdec_1', clientId: 'c', name: 'Fleet Monitor', decision: 'allowed', decidedOn: 'X25' },
    ],
    consents: [{ ...use, id: 'con_1', name: 'Fleet Monitor', person: 'ada@example.com' }],
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
