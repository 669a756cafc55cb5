import { type Adapter, type AdapterFactory, type AdapterPayload, errors } from 'oidc-provider';
import { hashSecret } from '#crypto';
import {
  consumeOidcState,
  type Database,
  deleteOidcState,
  deleteOidcStateOfGrant,
  findClient,
  findOidcState,
  findOidcStateByUid,
  type OidcState,
  type OidcTable,
  oidcTables,
  upsertOidcState,
} from '#store';
import { clientMetadata } from './client-metadata.ts';

/**
 * Where oidc-provider keeps its state: a table for each model of its, and our own table of clients.
 *
 * The id of a code, a token, a session or an interaction is what its bearer shows, so rows are found by its
 * SHA-256 and hold no copy of it. A grant's id is no bearer value and stays as it is: access tokens name it.
 */
export function createAdapter(db: Database): AdapterFactory {
  return (model) => (model === 'Client' ? clientAdapter(db) : stateAdapter(db, model));
}

const tables: Readonly<Record<string, OidcTable>> = oidcTables;

function stateAdapter(db: Database, model: string): Adapter {
  const table = tables[model];
  if (!table) throw new Error(`oidc-provider wants to store ${model}, which has no table`);
  const rowId = (id: string) => (model === 'Grant' ? id : hashSecret(id).toString('base64url'));

  return {
    async upsert(id, payload, expiresIn) {
      await upsertOidcState(db, table, {
        id: rowId(id),
        payload: withoutBearer(payload, id),
        uid: payload.uid ?? null,
        grantId: payload.grantId ?? null,
        expiresInSeconds: expiresIn ?? null,
      });
    },
    async find(id) {
      const state = await findOidcState<AdapterPayload>(db.pipeline, table, rowId(id));
      return state ? { ...stored(state), ...bearer(state.payload, id) } : undefined;
    },
    async findByUid(uid) {
      const state = await findOidcStateByUid<AdapterPayload>(db.pipeline, table, uid);
      return state ? stored(state) : undefined;
    },
    async findByUserCode() {
      return undefined;
    },
    async consume(id) {
      if (await consumeOidcState(db, table, rowId(id))) return;
      if (model === 'PushedAuthorizationRequest') throw new errors.InvalidRequestUri('it was already used');
      // Two requests with one code at the same moment: somebody else has it, so what it gave ends.
      if (model === 'AuthorizationCode') await deleteGrantOf(db, table, rowId(id));
      throw new errors.InvalidGrant({ detail: `${model} was used at the same moment` });
    },
    async destroy(id) {
      await deleteOidcState(db, table, rowId(id));
    },
    async revokeByGrantId(grantId) {
      await deleteOidcStateOfGrant(db, table, grantId);
    },
  };
}

function stored({ payload, consumedAt }: OidcState<AdapterPayload>): AdapterPayload {
  return consumedAt === null ? payload : { ...payload, consumed: Math.floor(Date.parse(consumedAt) / 1000) };
}

/** The payload without its own id, wherever oidc-provider repeats it, and without the session's. */
function withoutBearer(payload: AdapterPayload, id: string): AdapterPayload {
  const { jti: _jti, session, returnTo, ...rest } = payload;
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

async function deleteGrantOf(db: Database, table: OidcTable, rowId: string): Promise<void> {
  const state = await findOidcState<AdapterPayload>(db, table, rowId);
  if (state?.payload.grantId) await deleteOidcState(db, oidcTables.Grant, state.payload.grantId);
}

/** Clients are ours, and only read: oidc-provider asks each time, so a deleted one is unknown at once. */
function clientAdapter(db: Database): Adapter {
  const refuse = async () => {
    throw new Error('clients are not changed through oidc-provider');
  };
  return {
    async find(id) {
      const client = await findClient(db.pipeline, id);
      return client ? clientMetadata(client) : undefined;
    },
    upsert: refuse,
    findByUid: refuse,
    findByUserCode: refuse,
    consume: refuse,
    destroy: refuse,
    revokeByGrantId: refuse,
  };
}
