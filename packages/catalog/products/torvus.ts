import { z } from 'zod';
import {
  account,
  apiKeys,
  auditLog,
  explainAccess,
  keyHistory,
  keyStatistics,
  leakedKeyReports,
  organizationSettings,
  requestLog,
  shown,
} from '../capability.ts';
import { perHour, perMinute } from '../plan.ts';
import { defineProduct, type ErrorSpec } from '../product.ts';
import { resource } from '../resource.ts';
import { bareList, flatError } from '../wire.ts';

const name = z.string().trim().min(1).max(200);
const description = z.string().max(2_000).optional();

// assumed: of all fields the document shows only a vault's name.
const vault = z.object({ name, description });
const document = z.object({
  name,
  content_type: z.string().max(200).optional(),
  content: z.string().optional(),
});
const recipient = z.object({
  name,
  email: z
    .email()
    .max(254)
    .meta({ examples: ['recipient@example.com'] }),
});
const policy = z.object({
  name,
  description,
  rules: z.array(z.record(z.string(), z.json())).max(100).default([]),
});
const checkIn = z.object({ note: z.string().max(2_000).optional() });

// The document has one answer for every way in which a credential fails.
const authenticationFailed: ErrorSpec = { code: 'authentication_failed', message: 'Invalid API key' };
const permissionDenied: ErrorSpec = {
  code: 'permission_denied',
  message: 'API key lacks required permissions',
};

/** Torvus: vaults with documents, recipients and policies, in live and test mode. */
export const torvus = defineProduct({
  slug: 'torvus',
  name: 'Torvus',
  brand: {
    logo: `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" fill="#0f766e"/><ellipse cx="16" cy="16" rx="9.5" ry="6" fill="none" stroke="#fff" stroke-width="3"/><path d="M11.5 15.4c2.6 2 6.4 2 9 0" fill="none" stroke="#8ff0e0" stroke-width="2" stroke-linecap="round"/></svg>`,
    colors: {
      light: { accent: '#0f766e', onAccent: '#ffffff', link: '#0b6760' },
      dark: { accent: '#0f7c73', onAccent: '#ffffff', link: '#5ed8c8' },
    },
  },
  basePath: '/v1',
  keys: { prefixes: { live: 'torvus_sk_live_', test: 'torvus_sk_test_' } },
  scopes: {
    read: 'View vaults, documents, recipients, policies',
    write: 'Create and update resources',
    delete: 'Delete resources',
    // assumed: the document manages keys and reads the audit log in the web app only; this is that app's permission.
    manage: 'Manage API keys and settings, and view the audit log',
  },
  translations: {
    fr: {
      scopes: {
        read: 'Consulter les coffres, documents, destinataires et politiques',
        write: 'Créer et modifier des ressources',
        delete: 'Supprimer des ressources',
        manage: 'Gérer les clés d’API et les paramètres, et consulter le journal d’audit',
      },
    },
  },
  sensitiveScopes: ['delete', 'manage'],
  presets: { read: ['read'], 'read-write': ['read', 'write'], full: ['read', 'write', 'delete'] },
  // assumed: the document has no roles.
  roles: {
    owner: ['read', 'write', 'delete', 'manage'],
    admin: ['read', 'write', 'delete', 'manage'],
    member: ['read', 'write'],
    viewer: ['read'],
  },
  plans: {
    // assumed: "higher rate limits" of test keys are ten times the live ones.
    professional: { windows: [perHour(1_000)], testWindows: [perHour(10_000)] },
    enterprise: { windows: [perHour(10_000)], testWindows: [perHour(100_000)] },
  },
  defaultPlan: 'professional',
  anonymousWindows: [perMinute(60)],
  allowlistPlans: ['enterprise'],
  oauth: { plans: ['enterprise'] },
  errors: {
    malformed_request: { code: 'invalid_request', message: 'The request is malformed' },
    validation_failed: { code: 'validation_failed', message: 'The request is invalid' },
    conflicting_credentials: {
      code: 'invalid_request',
      message: 'The request carries two different credentials; send exactly one',
    },
    missing_credential: authenticationFailed,
    invalid_credential: authenticationFailed,
    expired_credential: authenticationFailed,
    login_failed: { code: 'login_failed', message: 'Wrong email address or password' },
    mfa_required: { code: 'mfa_required', message: 'This account has a second factor' },
    insufficient_scope: permissionDenied,
    ip_not_allowed: permissionDenied,
    live_mode_required: permissionDenied,
    plan_required: { code: 'plan_required', message: 'Your plan does not include this' },
    not_found: { code: 'not_found', message: 'Resource not found' },
    method_not_allowed: { code: 'method_not_allowed', message: 'Method not allowed; see the Allow header' },
    conflict: { code: 'conflict', message: 'The request conflicts with the current state' },
    idempotency_in_flight: {
      code: 'idempotency_in_flight',
      message: 'A request with this idempotency key is still being carried out; please retry',
    },
    precondition_failed: { code: 'precondition_failed', message: 'The resource has changed in the meantime' },
    body_too_large: { code: 'body_too_large', message: 'The request body is larger than 1 MB' },
    unsupported_media_type: { code: 'unsupported_media_type', message: 'The request body must be JSON' },
    idempotency_mismatch: {
      code: 'idempotency_mismatch',
      message: 'This idempotency key was used for another request',
    },
    rate_limited: {
      code: 'rate_limit_exceeded',
      message: 'Rate limit exceeded; retry after {retry_after} seconds',
    },
    headers_too_large: { code: 'headers_too_large', message: 'The request headers are too large' },
    internal: { code: 'internal_error', message: 'Something went wrong on our side' },
    unavailable: {
      code: 'service_unavailable',
      message: 'The service is temporarily unavailable; please retry',
    },
  },
  wire: { error: flatError, list: bareList, linkHeader: true },
  resources: [
    resource({
      path: '/vaults',
      collection: 'vaults',
      idPrefix: 'vault',
      schema: vault,
      operations: {
        list: 'read',
        get: 'read',
        create: 'write',
        replace: 'write',
        update: 'write',
        delete: 'delete',
      },
      filters: ['name'],
      sorts: ['name'],
      examples: [{ name: 'Test Vault' }],
      children: [
        resource({
          path: '/documents',
          collection: 'documents',
          idPrefix: 'doc',
          schema: document,
          operations: { list: 'read', create: 'write', delete: 'delete' },
          filters: ['name', 'content_type'],
          sorts: ['name'],
          examples: [{ name: 'Will', content_type: 'text/plain', content: 'To whom it may concern' }],
        }),
        resource({
          path: '/recipients',
          collection: 'recipients',
          idPrefix: 'rcp',
          schema: recipient,
          operations: { list: 'read', create: 'write', delete: 'delete' },
          filters: ['email'],
          sorts: ['name', 'email'],
          examples: [{ name: 'A recipient', email: 'recipient@example.com' }],
        }),
        resource({
          path: '/policies',
          collection: 'policies',
          idPrefix: 'pol',
          schema: policy,
          operations: { list: 'read', create: 'write', delete: 'delete' },
          filters: ['name'],
          sorts: ['name'],
          examples: [{ name: 'Release after 30 days', rules: [{ after_days: 30 }] }],
        }),
      ],
    }),
    resource({
      path: '/check-ins',
      collection: 'check_ins',
      idPrefix: 'chk',
      schema: checkIn,
      operations: { list: 'read', create: 'write' },
      examples: [{ note: 'All well' }],
    }),
  ],
  capabilities: [
    account({
      path: '/account',
      account: shown(
        z.object({
          account_id: z.string().meta({ examples: ['acc_01jhn3v4q8e6xtk2m5r7w9y0bc'] }),
          email: z
            .string()
            .nullable()
            .meta({ examples: ['owner@example.com'] }),
          plan: z.string().meta({ examples: ['professional'] }),
          api_version: z.literal('v1'),
        }),
        (facts) => ({
          account_id: facts.organizationId.replace(/^org_/, 'acc_'),
          email: facts.email,
          plan: facts.plan,
          api_version: 'v1' as const,
        }),
      ),
    }),
    apiKeys({ path: '/api-keys', scope: 'manage', scopesField: 'permissions' }),
    keyStatistics({ path: '/api-keys', scope: 'manage' }),
    keyHistory({ path: '/api-keys', scope: 'manage' }),
    auditLog({ path: '/audit', scope: 'manage', exportPlans: ['professional', 'enterprise'] }),
    requestLog({ path: '/requests', scope: 'manage' }),
    organizationSettings({ path: '/organization', scope: 'manage' }),
    explainAccess({ path: '/auth/explain', scope: 'manage' }),
    leakedKeyReports({ path: '/leaked-keys' }),
  ],
});
