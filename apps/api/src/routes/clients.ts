import { z } from 'zod';
import { clientChoice, type OauthClients, type Product } from '#catalog';
import { mintSecret } from '#crypto';
import {
  choiceOf,
  type Database,
  deleteClient,
  insertClient,
  insertClientSecret,
  limitClientRegistration,
  listClients,
  settingsOf,
  updateClient,
} from '#store';
import { makerOf } from '../caller.ts';
import { requireHeld } from './api-key-access.ts';
import { findClient, lockClient, needsSecret, recordClientChange } from './client-access.ts';
import { clientAnswer, createdClientAnswer, presentClient } from './client-answers.ts';
import { clientSecretRoutes } from './client-secrets.ts';
import { pageById } from './id-page.ts';
import { pageQuery } from './list-page.ts';
import { mergePatch } from './merge-patch.ts';
import { mergePatchOf } from './merge-patch-schema.ts';
import { registrationTokenRoutes } from './registration-tokens.ts';
import { type Route, route } from './route.ts';
import { validate } from './validate.ts';

/**
 * The routes to manage OAuth clients and their secrets. They exist in live mode only, since tokens reach live data.
 *
 * Whoever makes or changes a client could act as it, so the caller must hold all that the client may ask for.
 */
export function clientRoutes(db: Database, product: Product, declared: OauthClients): Route[] {
  const { path, scope } = declared;
  const item = `${path}/:id`;
  const choice = clientChoice(product);
  const common = { scope, mode: 'live', tag: 'OAuth clients', answer: clientAnswer } as const;

  return [
    route({
      ...common,
      method: 'get',
      path,
      summary: 'List OAuth clients',
      list: true,
      query: z.strictObject(pageQuery),
      handle: (request) =>
        pageById(request, (paging) => listClients(db, request.caller.organizationId, paging), presentClient),
    }),
    route({
      ...common,
      method: 'post',
      path,
      summary: 'Create an OAuth client',
      answer: createdClientAnswer,
      status: 201,
      plans: product.oauth.plans,
      body: choice,
      handle: (request) =>
        db.transaction(async (tx) => {
          const { caller, body } = request;
          requireHeld(product, caller, body.scopes);
          const { organizationId } = caller;
          const made = await insertClient(tx, {
            ...settingsOf(body),
            organizationId,
            createdBy: makerOf(caller).createdBy,
          });
          const minted = needsSecret(made) ? mintSecret() : null;
          if (minted) made.secrets.push(await insertClientSecret(tx, made.id, minted));
          await recordClientChange(tx, request, 'client.created', made.id, { after: presentClient(made) });
          return { status: 201, body: { ...presentClient(made), client_secret: minted?.secret ?? null } };
        }),
    }),
    route({
      ...common,
      method: 'get',
      path: item,
      summary: 'Get an OAuth client',
      handle: async (request) => ({ status: 200, body: presentClient(await findClient(db, request)) }),
    }),
    route({
      ...common,
      method: 'patch',
      path: item,
      summary: 'Update an OAuth client',
      plans: product.oauth.plans,
      body: mergePatchOf(choice),
      handle: (request) =>
        db.transaction(async (tx) => {
          const { caller, body } = request;
          const before = await lockClient(tx, request);
          const wanted = validate(choice, mergePatch(choiceOf(before), body));
          requireHeld(product, caller, [...before.scopes, ...wanted.scopes]);
          const after = await updateClient(tx, before.id, settingsOf(wanted));
          // Else a client that registered itself could take back what it lost.
          if ('scopes' in body) await limitClientRegistration(tx, after.id, after.scopes);
          await recordClientChange(tx, request, 'client.updated', after.id, {
            before: presentClient(before),
            after: presentClient(after),
          });
          return { status: 200, body: presentClient(after) };
        }),
    }),
    route({
      ...common,
      method: 'delete',
      path: item,
      summary: 'Delete an OAuth client',
      answer: null,
      handle: (request) =>
        db.transaction(async (tx) => {
          const before = await lockClient(tx, request);
          await deleteClient(tx, before.id);
          const change = { before: presentClient(before) };
          await recordClientChange(tx, request, 'client.deleted', before.id, change);
          return { status: 204 };
        }),
    }),
    ...clientSecretRoutes(db, product, declared),
    ...registrationTokenRoutes(db, product, declared),
  ];
}
