import { type Adapter, type AdapterFactory, type AdapterPayload, errors } from 'oidc-provider';
import { clientUrl } from '#catalog';
import { hashSecret } from '#crypto';
import {
  consumeOidcState,
  type Database,
  deleteOidcState,
  endGrant,
  findClient,
  findGrantState,
  findOidcState,
  findOidcStateByUid,
  isProofUsed,
  type OidcState,
  type OidcTable,
  oidcTables,
  upsertOidcState,
  useProof,
} from '#store';
import type { ClientDocuments } from './client-documents.ts';
import { clientMetadata } from './client-metadata.ts';
import { currentTokenRequest } from './token-request.ts';

/**
 * Where oidc-provider keeps its state: a table for each model of its, and our own table of clients.
 *
 * The id of a code, a token, a session or an interaction is what its bearer shows, so rows are found by its
 * SHA-256 and hold no copy of it. A grant's id is no bearer value and stays as it is: access tokens name it.
 */
export function createAdapter(db: Database, documents: ClientDocuments | null): AdapterFactory {
  return (model) => {
    if (model === 'Client') return readOnly((id) => findMetadata(db, documents, id));
    // Always JWTs, which are not stored.
    if (model === 'ClientCredentials') return readOnly(async () => undefined);
    if (model === 'ReplayDetection') return proofAdapter(db);
    return stateAdapter(db, model);
  };
}

const tables: Readonly<Record<string, OidcTable>> = oidcTables;

function stateAdapter(db: Database, model: string): Adapter {
  const table = tables[model];
  if (!table) throw new Error(`oidc-provider wants to store ${model}, which has no table`);
  const rowId = (id: string) => {
    if (isRowHandle(id)) return id.slice(rowHandle.length);
    return model === 'Grant' ? id : hashOf(id);
  };

  const find = async (id: string) => {
    const request = currentTokenRequest();
    if (request?.model === model && request.id === rowId(id)) return request.found.payload;
    if (model !== 'Grant') {
      const state = await findOidcState<AdapterPayload>(db.pipeline, table, rowId(id));
      return state && standing(model, state);
    }
    if (request?.found.grantId === id) return request.found.grantPayload;
    return (await findGrantState<AdapterPayload>(db.pipeline, id))?.payload;
  };

  return {
    async upsert(id, payload, expiresIn) {
      const state = {
        id: rowId(id),
        payload: withoutBearer(payload, id),
        uid: payload.uid ?? (payload.userCode === undefined ? null : hashOf(payload.userCode)),
        grantId: payload.grantId ?? null,
        expiresInSeconds: expiresIn ?? null,
      };
      const request = currentTokenRequest();
      if (request && tokens.includes(model)) request.saved.push({ table, state });
      else await upsertOidcState(db, table, state);
    },
    async find(id) {
      const payload = await find(id);
      return payload ? { ...payload, ...bearer(payload, id) } : undefined;
    },
    async findByUid(uid) {
      const state = await findOidcStateByUid<AdapterPayload>(db.pipeline, table, uid);
      return state ? standing(model, state) : undefined;
    },
    async findByUserCode(userCode) {
      const found = await findOidcStateByUid<AdapterPayload>(db.pipeline, table, hashOf(userCode));
      return found ? { ...stored(found), jti: rowHandle + found.id, userCode } : undefined;
    },
    async consume(id) {
      const request = currentTokenRequest();
      if (request?.model === model && request.id === rowId(id)) return;
      if (await consumeOidcState(db, table, rowId(id))) return;
      if (model === 'PushedAuthorizationRequest') throw new errors.InvalidRequestUri('it was already used');
      throw new errors.InvalidGrant({ detail: `${model} was used at the same moment` });
    },
    async destroy(id) {
      if (model === 'Grant') await endGrant(db, id, 'revoked_by_client');
      // A refresh token ends with its grant, which oidc-provider destroys next. Its row tells that it was revoked.
      else if (model !== 'RefreshToken') await deleteOidcState(db, table, rowId(id));
    },
    // Whatever has a grant is good for as long as the grant stands, which each use looks at.
    async revokeByGrantId() {},
  };
}

/** What a token request saves only together with the use of its code or refresh token. */
const tokens = ['AccessToken', 'RefreshToken'];

function hashOf(secret: string): string {
  return hashSecret(secret).toString('base64url');
}

/**
 * A device code is the device's own secret, of which we have a hash. The pages that follow a person's user code name its
 * row by this and the hash instead. The token endpoint takes no such name.
 */
const rowHandle = 'row:';

export function isRowHandle(id: string): boolean {
  return id.startsWith(rowHandle);
}

/** A session that was ended from another browser is none. */
function standing(model: string, state: OidcState<AdapterPayload>): AdapterPayload | undefined {
  return model === 'Session' && state.consumedAt !== null ? undefined : stored(state);
}

function stored({ payload, consumedAt }: OidcState<AdapterPayload>): AdapterPayload {
  return consumedAt === null ? payload : { ...payload, consumed: Math.floor(Date.parse(consumedAt) / 1000) };
}

/** The payload without its own id, wherever oidc-provider repeats it, and without the session's. */
function withoutBearer(payload: AdapterPayload, id: string): AdapterPayload {
  const { jti: _jti, userCode: _userCode, session, returnTo, ...rest } = payload;
  const { cookie: _cookie, ...sessionRest } = session ?? {};
  return {
    ...rest,
    ...(session && { session: sessionRest }),
    // An interaction's way back ends with its id.
    ...(returnTo !== undefined && { returnTo: returnTo.slice(0, -id.length) }),
  };
}

function bearer({ returnTo }: AdapterPayload, id: string): AdapterPayload {
  return { jti: id, ...(returnTo !== undefined && { returnTo: returnTo + id }) };
}

/**
 * Assertions of clients and proofs of possession. oidc-provider looks one up and then stores it; of two that come
 * between, to store is to use it, once.
 */
function proofAdapter(db: Database): Adapter {
  return {
    ...readOnly(async (id) =>
      (await isProofUsed(db.pipeline, id)) ? { jti: id, kind: 'ReplayDetection' } : undefined,
    ),
    async upsert(id, _payload, expiresIn = 0) {
      if (await useProof(db, id, expiresIn)) return;
      throw new errors.InvalidRequest('the proof was used at the same moment');
    },
  };
}

/**
 * Clients are ours, and only read: oidc-provider asks each time, so a deleted one is unknown at once. Those that describe
 * themselves are known where there are `documents`.
 */
async function findMetadata(
  db: Database,
  documents: ClientDocuments | null,
  id: unknown,
): Promise<AdapterPayload | undefined> {
  // It may come from an assertion, which can say anything. PostgreSQL takes no NUL.
  if (typeof id !== 'string' || id.includes('\0')) return undefined;
  if (clientUrl(id)) {
    if (!documents) return undefined;
    return clientMetadata({
      ...(await documents.find(id)),
      id,
      organizationId: null,
      plan: null,
      secrets: [],
    });
  }
  const client = await findClient(db.pipeline, id);
  return client ? clientMetadata(client) : undefined;
}

function readOnly(find: Adapter['find']): Adapter {
  const refuse = async () => {
    throw new Error('it is not changed through oidc-provider');
  };
  return {
    find,
    upsert: refuse,
    findByUid: refuse,
    findByUserCode: refuse,
    consume: refuse,
    destroy: refuse,
    revokeByGrantId: refuse,
  };
}
