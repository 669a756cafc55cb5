import { TypeID } from 'typeid-js';
import type { RequestRecord } from '#store';

/** A record of a request that began at a time, of an organization that need not exist. */
export function requestAt(startedMs: number, more: Partial<RequestRecord> = {}): RequestRecord {
  const random = crypto.getRandomValues(new Uint8Array(16));
  const bytes = Uint8Array.from(random, (byte, at) =>
    at < 6 ? Math.floor(startedMs / 256 ** (5 - at)) % 256 : byte,
  );
  return {
    id: TypeID.fromUUIDBytes('req', bytes).toString(),
    organizationId: 'org_a',
    mode: 'live',
    keyId: 'key_a',
    userId: null,
    clientId: null,
    method: 'GET',
    route: '/v1/devices',
    scope: 'devices:read',
    path: '/v1/devices',
    status: 200,
    denialRule: null,
    denialDetail: null,
    denialMend: null,
    ipAddress: '192.0.2.1',
    userAgent: null,
    durationMs: 1.5,
    ...more,
  };
}
