import type { z } from 'zod';
import type { Mode } from './plan.ts';

/** What an endpoint that tells a caller about itself may show. Times are ISO 8601. */
export interface KeyFacts {
  keyId: string;
  organizationId: string;
  scopes: readonly string[];
  mode: Mode;
  expiresAt: string | null;
}

export interface TokenFacts {
  /** Null when a client has the token in its own name. */
  userId: string | null;
  clientId: string;
  organizationId: string;
  scopes: readonly string[];
  expiresAt: string;
}

export interface AccountFacts {
  organizationId: string;
  /** The address of the organization's first owner; null when it has none. */
  email: string | null;
  plan: string;
}

/** Requests are counted by the day and the month of UTC. */
export interface KeyUsageFacts {
  keyId: string;
  requestsToday: number;
  requestsThisMonth: number;
  lastUsedAt: string | null;
  lastUsedIp: string | null;
}

/** How a product shows facts: the shape on the wire, and the function that gives it. */
export interface Shown<Facts> {
  answer: z.ZodType;
  present: (facts: Facts) => unknown;
}

/** Ties the function to the shape, so that one that answers something else doesn't compile. */
export const shown = <Facts, Answer>(
  answer: z.ZodType<Answer>,
  present: (facts: Facts) => NoInfer<Answer>,
): Shown<Facts> => ({ answer, present });

/** Endpoints to create, list, change and revoke API keys. */
export interface ApiKeys<Scope extends string = string> {
  capability: 'apiKeys';
  path: string;
  scope: Scope;
  /** What the product calls a key's scopes. */
  scopesField: 'scopes' | 'permissions';
}

/** An endpoint `:id/usage` below the API keys: what one of them has been used for, in a few figures. */
export interface KeyUsage<Scope extends string = string> {
  capability: 'keyUsage';
  /** That of the API keys. */
  path: string;
  scope: Scope;
  usage: Shown<KeyUsageFacts>;
}

/** An endpoint `:id/statistics` below the API keys: 30 days of one of them, by endpoint and by address. */
export interface KeyStatistics<Scope extends string = string> {
  capability: 'keyStatistics';
  /** That of the API keys. */
  path: string;
  scope: Scope;
}

/** An endpoint `:id/requests` below the API keys: what one of them was used for, request by request. */
export interface KeyHistory<Scope extends string = string> {
  capability: 'keyHistory';
  /** That of the API keys. */
  path: string;
  scope: Scope;
}

/** An endpoint that tells a key or a token what it is. */
export interface VerifyCredential {
  capability: 'verifyCredential';
  path: string;
  key: Shown<KeyFacts>;
  token: Shown<TokenFacts>;
}

/** An endpoint that tells any caller its organization's account. */
export interface Account {
  capability: 'account';
  path: string;
  account: Shown<AccountFacts>;
}

/** Endpoints over the organization's members. */
export interface Members<Scope extends string = string> {
  capability: 'members';
  path: string;
  read: Scope;
  write: Scope;
  delete: Scope;
}

/** Endpoints over the organization's invitations: to invite somebody, to send it again, to take it back. */
export interface Invitations<Scope extends string = string> {
  capability: 'invitations';
  path: string;
  read: Scope;
  write: Scope;
}

/**
 * A person's e-mail address and password for an access token, by the product's own programs; and the endpoint at which a token
 * tells the person's organizations.
 */
export interface PasswordLogin {
  capability: 'passwordLogin';
  path: string;
  membershipsPath: string;
  /** The header by which such a token reaches another of the person's organizations than its own. */
  organizationHeader: string;
}

/** Endpoints over the organization's audit log, and over the requests that it has sent. */
export interface AuditLog<Scope extends string = string> {
  capability: 'auditLog';
  path: string;
  scope: Scope;
  /** The plans that may export it; all when left out. */
  exportPlans?: readonly string[];
}

/** An endpoint that tells how one request of the organization's went, and why it was denied. */
export interface RequestLog<Scope extends string = string> {
  capability: 'requestLog';
  path: string;
  scope: Scope;
}

/** An endpoint over what the organization has chosen for itself. */
export interface OrganizationSettings<Scope extends string = string> {
  capability: 'organizationSettings';
  path: string;
  scope: Scope;
}

/** An endpoint that tells what a request with some credential would meet, step by step, without running it. */
export interface ExplainAccess<Scope extends string = string> {
  capability: 'explainAccess';
  path: string;
  scope: Scope;
}

/** A public endpoint that takes reports of keys found in public, and the pattern by which scanners find them. */
export interface LeakedKeyReports {
  capability: 'leakedKeyReports';
  path: string;
}

/** Endpoints over the organization's OAuth clients and their secrets. */
export interface OauthClients<Scope extends string = string> {
  capability: 'oauthClients';
  path: string;
  /** Where the tokens are managed with which clients register themselves. */
  registrationTokensPath: string;
  scope: Scope;
}

/** Endpoints over the apps that an organization lets in: what was decided, what members ask for, and who let one in. */
export interface Apps<Scope extends string = string> {
  capability: 'apps';
  path: string;
  scope: Scope;
}

/** An endpoint that a product has only when it declares it. */
export type Capability<Scope extends string = string> =
  | ApiKeys<Scope>
  | KeyUsage<Scope>
  | KeyStatistics<Scope>
  | KeyHistory<Scope>
  | VerifyCredential
  | Account
  | Members<Scope>
  | Invitations<Scope>
  | PasswordLogin
  | AuditLog<Scope>
  | RequestLog<Scope>
  | OrganizationSettings<Scope>
  | ExplainAccess<Scope>
  | LeakedKeyReports
  | OauthClients<Scope>
  | Apps<Scope>;

export const apiKeys = <const Scope extends string>(declared: {
  path: string;
  scope: Scope;
  scopesField: 'scopes' | 'permissions';
}): ApiKeys<Scope> => ({ capability: 'apiKeys', ...declared });

export const keyUsage = <const Scope extends string>(declared: {
  path: string;
  scope: Scope;
  usage: Shown<KeyUsageFacts>;
}): KeyUsage<Scope> => ({ capability: 'keyUsage', ...declared });

export const keyStatistics = <const Scope extends string>(declared: {
  path: string;
  scope: Scope;
}): KeyStatistics<Scope> => ({ capability: 'keyStatistics', ...declared });

export const keyHistory = <const Scope extends string>(declared: {
  path: string;
  scope: Scope;
}): KeyHistory<Scope> => ({ capability: 'keyHistory', ...declared });

export const verifyCredential = (declared: {
  path: string;
  key: Shown<KeyFacts>;
  token: Shown<TokenFacts>;
}): VerifyCredential => ({ capability: 'verifyCredential', ...declared });

export const account = (declared: { path: string; account: Shown<AccountFacts> }): Account => ({
  capability: 'account',
  ...declared,
});

export const members = <const Scope extends string>(declared: {
  path: string;
  read: Scope;
  write: Scope;
  delete: Scope;
}): Members<Scope> => ({ capability: 'members', ...declared });

export const invitations = <const Scope extends string>(declared: {
  path: string;
  read: Scope;
  write: Scope;
}): Invitations<Scope> => ({ capability: 'invitations', ...declared });

export const passwordLogin = (declared: {
  path: string;
  membershipsPath: string;
  organizationHeader: string;
}): PasswordLogin => ({ capability: 'passwordLogin', ...declared });

export const auditLog = <const Scope extends string>(declared: {
  path: string;
  scope: Scope;
  exportPlans?: readonly string[];
}): AuditLog<Scope> => ({ capability: 'auditLog', ...declared });

export const requestLog = <const Scope extends string>(declared: {
  path: string;
  scope: Scope;
}): RequestLog<Scope> => ({ capability: 'requestLog', ...declared });

export const organizationSettings = <const Scope extends string>(declared: {
  path: string;
  scope: Scope;
}): OrganizationSettings<Scope> => ({ capability: 'organizationSettings', ...declared });

export const explainAccess = <const Scope extends string>(declared: {
  path: string;
  scope: Scope;
}): ExplainAccess<Scope> => ({ capability: 'explainAccess', ...declared });

export const leakedKeyReports = (declared: { path: string }): LeakedKeyReports => ({
  capability: 'leakedKeyReports',
  ...declared,
});

export const oauthClients = <const Scope extends string>(declared: {
  path: string;
  registrationTokensPath: string;
  scope: Scope;
}): OauthClients<Scope> => ({ capability: 'oauthClients', ...declared });

export const apps = <const Scope extends string>(declared: { path: string; scope: Scope }): Apps<Scope> => ({
  capability: 'apps',
  ...declared,
});
