import type { Role } from '#catalog';
import type { NewAuditEntry } from './audit.ts';

/** Who changes something in an organization, and from where, as its audit log tells it. */
export type Actor = Pick<
  NewAuditEntry,
  'organizationId' | 'actorType' | 'actorId' | 'clientId' | 'requestId' | 'ipAddress'
>;

/** Who changes an organization's members or invites some. */
export interface MemberManager extends Actor {
  /** Throws when it may not give or take a role. */
  requireRole(role: Role): void;
}
