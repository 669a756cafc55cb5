import { z } from 'zod';
import {
  apiKeys,
  apps,
  auditLog,
  explainAccess,
  invitations,
  keyHistory,
  keyUsage,
  leakedKeyReports,
  members,
  oauthClients,
  organizationSettings,
  requestLog,
  shown,
  verifyCredential,
} from '../capability.ts';
import { perHour, perMinute } from '../plan.ts';
import { defineProduct } from '../product.ts';
import { resource } from '../resource.ts';
import { dataList, nestedError, wireTime } from '../wire.ts';

const name = z.string().trim().min(1).max(200);
const metadata = z.record(z.string().min(1).max(40), z.string().max(500)).optional();

// assumed: the document names devices and policies and shows no fields of theirs.
const device = z.object({
  name,
  type: z.string().max(100).optional(),
  platform: z.string().max(100).optional(),
  serial_number: z.string().max(100).optional(),
  status: z.enum(['active', 'inactive', 'retired']).default('active'),
  metadata,
});

const policy = z.object({
  name,
  description: z.string().max(2_000).optional(),
  enabled: z.boolean().default(true),
  rules: z.array(z.record(z.string(), z.json())).max(100).default([]),
  metadata,
});

const keyFacts = z.object({
  valid: z.literal(true),
  key_id: z.string().meta({ examples: ['key_01jhn3v4q8e6xtk2m5r7w9y0bc'] }),
  permissions: z.array(z.string()).meta({ examples: [['devices:read']] }),
  organization_id: z.string().meta({ examples: ['org_01jhn3v4q8e6xtk2m5r7w9y0bc'] }),
  expires_at: z.iso.datetime().nullable(),
});

const tokenFacts = z.object({
  valid: z.literal(true),
  // assumed: null for a client in its own name, of which the document doesn't tell.
  user_id: z
    .string()
    .nullable()
    .meta({ examples: ['user_01jhn3v4q8e6xtk2m5r7w9y0bc'] }),
  scopes: z.array(z.string()).meta({ examples: [['devices:read']] }),
  expires_at: z.iso.datetime(),
});

const usage = z.object({
  key_id: z.string().meta({ examples: ['key_01jhn3v4q8e6xtk2m5r7w9y0bc'] }),
  requests_today: z.int().meta({ description: 'Since midnight, UTC.', examples: [1247] }),
  requests_this_month: z.int().meta({ examples: [45678] }),
  last_used_at: z.iso.datetime().nullable(),
  last_used_ip: z
    .string()
    .nullable()
    .meta({ examples: ['203.0.113.42'] }),
});

/** The wording of problems of one type. */
const ofType = (type: string) => (code: string, message: string) => ({ code, message, type });
const invalidRequest = ofType('invalid_request_error');
const authentication = ofType('authentication_error');
const authorization = ofType('authorization_error');
const idempotency = ofType('idempotency_error');
const api = ofType('api_error');

/** VaultWares: devices and policies of enterprises, by API key or OAuth 2.0. The default product. */
export const vaultwares = defineProduct({
  slug: 'vaultwares',
  name: 'VaultWares',
  brand: {
    logo: `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" fill="#2456d6"/><path d="M8 9l8 14 8-14" fill="none" stroke="#fff" stroke-width="3.2" stroke-linecap="round" stroke-linejoin="round"/><circle cx="16" cy="10.5" r="2.4" fill="#9fc0ff"/></svg>`,
    colors: {
      light: { accent: '#2456d6', onAccent: '#ffffff', link: '#1f4fc7' },
      dark: { accent: '#2f63e6', onAccent: '#ffffff', link: '#8fb4ff' },
    },
  },
  basePath: '/v1',
  keys: { prefixes: { live: 'vw_live_', test: 'vw_test_' }, header: 'X-API-Key' },
  scopes: {
    'devices:read': 'View device information',
    'devices:write': 'Manage devices',
    'devices:delete': 'Delete devices',
    'policies:read': 'View policies',
    'policies:write': 'Manage policies',
    'users:read': 'View users',
    'users:write': 'Manage users',
    'audit:read': 'View audit logs',
    admin: 'Full access',
  },
  translations: {
    fr: {
      scopes: {
        'devices:read': 'Consulter les informations sur les appareils',
        'devices:write': 'Gérer les appareils',
        'devices:delete': 'Supprimer des appareils',
        'policies:read': 'Consulter les politiques',
        'policies:write': 'Gérer les politiques',
        'users:read': 'Consulter les utilisateurs',
        'users:write': 'Gérer les utilisateurs',
        'audit:read': 'Consulter les journaux d’audit',
        admin: 'Accès complet',
      },
    },
  },
  sensitiveScopes: ['devices:delete', 'policies:write', 'users:write', 'admin'],
  superScope: 'admin',
  presets: {
    'read-only': ['devices:read', 'policies:read', 'users:read', 'audit:read'],
    'read-write': [
      'devices:read',
      'devices:write',
      'devices:delete',
      'policies:read',
      'policies:write',
      'users:read',
      'users:write',
      'audit:read',
    ],
    admin: ['admin'],
  },
  // assumed: the document has no roles; an owner and an admin can do all, a member works, a viewer looks.
  roles: {
    owner: ['admin'],
    admin: ['admin'],
    member: [
      'devices:read',
      'devices:write',
      'devices:delete',
      'policies:read',
      'policies:write',
      'users:read',
    ],
    viewer: ['devices:read', 'policies:read', 'users:read'],
  },
  plans: {
    free: { windows: [perMinute(60), perHour(1_000)] },
    professional: { windows: [perMinute(300), perHour(10_000)] },
    enterprise: { windows: [perMinute(1_000), perHour(100_000)] },
    // assumed: an organization with nothing negotiated yet has the Enterprise windows.
    custom: { windows: [perMinute(1_000), perHour(100_000)], negotiable: true },
  },
  defaultPlan: 'free',
  // assumed: the document limits requests by plan only, and a caller without a credential has none.
  anonymousWindows: [perMinute(60), perHour(1_000)],
  oauth: { plans: ['enterprise', 'custom'] },
  // assumed: the document has a free plan, so anybody may begin with it.
  signUp: true,
  errors: {
    malformed_request: invalidRequest('invalid_request', 'The request is malformed.'),
    validation_failed: invalidRequest('validation_error', 'The request is invalid.'),
    conflicting_credentials: invalidRequest(
      'conflicting_credentials',
      'The request carries two different credentials. Send exactly one.',
    ),
    missing_credential: authentication(
      'invalid_api_key',
      'No API key or access token was provided. Send one in X-API-Key or Authorization: Bearer.',
    ),
    invalid_credential: authentication(
      'invalid_api_key',
      'The provided API key is invalid or has been revoked.',
    ),
    expired_credential: authentication(
      'expired_api_key',
      'The provided API key or access token has expired.',
    ),
    login_failed: { code: 'login_failed', message: 'Wrong email address or password' },
    mfa_required: { code: 'mfa_required', message: 'This account has a second factor' },
    insufficient_scope: authorization(
      'insufficient_permissions',
      'The provided credential lacks a permission that this operation requires.',
    ),
    ip_not_allowed: authorization(
      'ip_not_allowed',
      'Requests from this IP address are not allowed for the provided API key.',
    ),
    live_mode_required: authorization(
      'live_mode_required',
      'This resource exists in live mode only. Use a live credential.',
    ),
    plan_required: authorization('plan_required', 'The plan of the organization does not include this.'),
    not_found: invalidRequest('not_found', 'The requested resource was not found.'),
    method_not_allowed: invalidRequest(
      'method_not_allowed',
      'This resource does not have that method. The Allow header lists those it has.',
    ),
    conflict: invalidRequest('conflict', 'The request conflicts with the current state.'),
    idempotency_in_flight: idempotency(
      'idempotency_in_flight',
      'A request with this idempotency key is still being carried out. Please retry.',
    ),
    precondition_failed: invalidRequest(
      'precondition_failed',
      'The resource has changed since the version that the request names.',
    ),
    body_too_large: invalidRequest('body_too_large', 'The request body is larger than 1 MB.'),
    unsupported_media_type: invalidRequest('unsupported_media_type', 'The request body must be JSON.'),
    idempotency_mismatch: idempotency(
      'idempotency_mismatch',
      'This idempotency key was used for another request. Use a new key for each request.',
    ),
    rate_limited: {
      code: 'rate_limit_exceeded',
      message: 'Rate limit exceeded. Please retry after {retry_after} seconds.',
    },
    headers_too_large: invalidRequest('headers_too_large', 'The request headers are too large.'),
    internal: api('internal_error', 'Something went wrong on our side.'),
    unavailable: api('service_unavailable', 'The service is temporarily unavailable. Please retry.'),
  },
  wire: { error: nestedError, list: dataList, linkHeader: false },
  resources: [
    resource({
      path: '/devices',
      collection: 'devices',
      idPrefix: 'dev',
      schema: device,
      operations: {
        list: 'devices:read',
        get: 'devices:read',
        create: 'devices:write',
        replace: 'devices:write',
        update: 'devices:write',
        delete: 'devices:delete',
      },
      filters: ['type', 'platform', 'serial_number', 'status'],
      sorts: ['name', 'type', 'status'],
      examples: [
        {
          name: 'Front desk laptop',
          type: 'laptop',
          platform: 'linux',
          serial_number: 'VW-1001',
          status: 'active',
        },
        { name: 'Warehouse scanner', type: 'scanner', platform: 'android', serial_number: 'VW-1002' },
      ],
    }),
    resource({
      path: '/policies',
      collection: 'policies',
      idPrefix: 'pol',
      schema: policy,
      operations: {
        list: 'policies:read',
        get: 'policies:read',
        create: 'policies:write',
        replace: 'policies:write',
        update: 'policies:write',
        // No permission of the document deletes policies; "all operations" is admin's.
        delete: 'admin',
      },
      filters: ['enabled'],
      sorts: ['name'],
      examples: [
        { name: 'Screen lock', description: 'Lock after five minutes', rules: [{ lock_after_seconds: 300 }] },
      ],
    }),
  ],
  capabilities: [
    apiKeys({ path: '/api-keys', scope: 'admin', scopesField: 'permissions' }),
    keyUsage({
      path: '/api-keys',
      scope: 'admin',
      usage: shown(usage, (facts) => ({
        key_id: facts.keyId,
        requests_today: facts.requestsToday,
        requests_this_month: facts.requestsThisMonth,
        last_used_at: facts.lastUsedAt && wireTime(facts.lastUsedAt),
        last_used_ip: facts.lastUsedIp,
      })),
    }),
    keyHistory({ path: '/api-keys', scope: 'audit:read' }),
    verifyCredential({
      path: '/auth/verify',
      key: shown(keyFacts, (facts) => ({
        valid: true as const,
        key_id: facts.keyId,
        permissions: [...facts.scopes],
        organization_id: facts.organizationId,
        expires_at: facts.expiresAt && wireTime(facts.expiresAt),
      })),
      token: shown(tokenFacts, (facts) => ({
        valid: true as const,
        user_id: facts.userId,
        scopes: [...facts.scopes],
        expires_at: wireTime(facts.expiresAt),
      })),
    }),
    members({ path: '/users', read: 'users:read', write: 'users:write', delete: 'admin' }),
    // assumed: the document adds users at once; who is asked first is asked here.
    invitations({ path: '/invitations', read: 'users:read', write: 'users:write' }),
    auditLog({ path: '/audit', scope: 'audit:read' }),
    requestLog({ path: '/requests', scope: 'audit:read' }),
    organizationSettings({ path: '/organization', scope: 'admin' }),
    explainAccess({ path: '/auth/explain', scope: 'admin' }),
    leakedKeyReports({ path: '/leaked-keys' }),
    oauthClients({
      path: '/clients',
      registrationTokensPath: '/client-registration-tokens',
      scope: 'admin',
    }),
    apps({ path: '/apps', scope: 'admin' }),
  ],
});
