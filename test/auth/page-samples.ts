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

const use = {
  scopes: [{ scope: 'admin', words: 'X17', sensitive: true, unused: true }],
  lastUsed: 'X18',
  requests: '1',
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
  confirm: { action: '/account/confirm', email: 'ada@example.com', ways: ['password'], error: 'X13' },
  message: { title: 'X9', text: 'X10', facts: { X11: 'x' }, link: { href: '/account', text: 'X12' } },
};
