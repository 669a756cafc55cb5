export * from './account-mailer.ts';
export * from './account-tokens.ts';
export * from './actor.ts';
export * from './api-key-secrets.ts';
export * from './api-keys.ts';
export * from './app-decisions.ts';
export * from './app-request-counts.ts';
export * from './app-requests.ts';
export * from './apply-app-policy.ts';
export * from './audit.ts';
export * from './audit-chains.ts';
export * from './audit-keys.ts';
export { auditHash, auditText } from './audit-text.ts';
export * from './client-credentials.ts';
export * from './client-secrets.ts';
export * from './client-settings.ts';
export * from './clients.ts';
export * from './connected-apps.ts';
export * from './consents.ts';
export { type Database, openDatabase, type Queryable } from './database.ts';
export * from './disabled-users.ts';
export * from './enqueue-leak-report.ts';
export * from './enqueue-logout.ts';
export * from './enqueue-mail.ts';
export { ensureDatabase } from './ensure-database.ts';
export * from './events.ts';
export * from './expiry-notices.ts';
export * from './first-party-client.ts';
export * from './grants.ts';
export { ping, requireSchema } from './health.ts';
export { newId, timeOfId } from './id.ts';
export * from './idempotency-keys.ts';
export * from './invitation-changes.ts';
export type { Inviter } from './invitation-mails.ts';
export * from './invitations.ts';
export * from './invited-user.ts';
export { enqueueJobs, type JobQueue, jobQueues } from './job-queue.ts';
export { joiningDatabase } from './joining-database.ts';
export type { KeyMaker } from './key-maker.ts';
export * from './member-changes.ts';
export * from './memberships.ts';
export { migrate } from './migrate.ts';
export * from './nonce-secrets.ts';
export * from './oidc-state.ts';
export * from './organizations.ts';
export * from './passkeys.ts';
export * from './record-user-change.ts';
export * from './recovery-codes.ts';
export * from './registered-clients.ts';
export * from './registration-tokens.ts';
export * from './request-counts.ts';
export { createRequestPartitions, dropRequestPartitions } from './request-partitions.ts';
export * from './requests.ts';
export * from './reset-tokens.ts';
export * from './resources.ts';
export { revokeSigningKey } from './revoke-signing-key.ts';
export * from './revoked-access-tokens.ts';
export { rotateSigningKeys } from './rotate-signing-keys.ts';
export {
  deleteSecondFactors,
  deleteSecondFactorsSince,
  lacksSecondFactor,
  lockFactors,
  organizationsRequiringFactor,
} from './second-factors.ts';
export * from './sessions.ts';
export * from './sign-out-user.ts';
export {
  findSigningKey,
  listSigningKeys,
  type SigningKey,
  type SigningKeyState,
} from './signing-keys.ts';
export { snapshot } from './snapshot.ts';
export type { AccessTokenCredential } from './standing.ts';
export * from './take-back-tokens.ts';
export * from './token-requests.ts';
export * from './totp-factors.ts';
export * from './used-proofs.ts';
export * from './users.ts';
