import { type Request, type Response, Router } from 'express';
import { errors } from 'oidc-provider';
import { hashSecret, mintSecret } from '#crypto';
import { jsonBody } from '#http';
import {
  deleteClient,
  findUsableRegistrationToken,
  insertClient,
  insertClientSecret,
  setClientRegistration,
  settingsOf,
  updateClient,
  useRegistrationToken,
} from '#store';
import { onlyMethods } from '../endpoints.ts';
import {
  authenticated,
  bearerOf,
  type ClientRequest,
  type RegistrationContext,
  record,
  requireMaker,
  requirePlan,
} from './access.ts';
import { choiceOfMetadata, metadataOf } from './metadata.ts';

/**
 * Where clients register themselves with a token of their organization (RFC 7591), and then look at, change and delete
 * themselves with one of their own (RFC 7592). They become clients as any other.
 */
export function registrationRoutes(context: RegistrationContext): Router {
  const routes = Router();
  routes
    .route('/oauth/register')
    .all(onlyMethods(['POST']))
    .post(...jsonBody(), (request, response) => register(context, request, response));
  routes
    .route('/oauth/register/:id')
    .all(onlyMethods(['GET', 'HEAD', 'PUT', 'DELETE']))
    .get((request, response) => show(context, request, response))
    .put(...jsonBody(), (request, response) => replace(context, request, response))
    .delete((request, response) => remove(context, request, response));
  return routes;
}

async function register(context: RegistrationContext, request: Request, response: Response): Promise<void> {
  const { product, db } = context;
  const token = await findUsableRegistrationToken(db, hashSecret(bearerOf(request)));
  if (!token) throw new errors.InvalidToken('unknown, expired or used up');
  requireMaker(product, token);
  requirePlan(product, token.plan);
  const choice = choiceOfMetadata(product, token.scopes, request.body);
  const own = mintSecret();
  const answer = await db.transaction(async (tx) => {
    if (!(await useRegistrationToken(tx, token.id))) throw new errors.InvalidToken('used up');
    const { organizationId, createdBy } = token;
    const client = await insertClient(tx, { ...settingsOf(choice), organizationId, createdBy });
    await setClientRegistration(tx, client.id, { hash: own.hash, scopes: token.scopes });
    const minted = usesSecret(client.authMethod) ? mintSecret() : null;
    if (minted) await insertClientSecret(tx, client.id, minted);
    await record(tx, { request, response }, 'created', client, { after: metadataOf(client) });
    return {
      ...metadataOf(client),
      ...(minted && { client_secret: minted.secret, client_secret_expires_at: 0 }),
      ...managementOf(context, client.id, own.secret),
    };
  });
  send(response, 201, answer);
}

async function show(context: RegistrationContext, request: ClientRequest, response: Response): Promise<void> {
  const { token, client } = await authenticated(context.db, request);
  send(response, 200, { ...metadataOf(client), ...managementOf(context, client.id, token) });
}

async function replace(
  context: RegistrationContext,
  request: ClientRequest,
  response: Response,
): Promise<void> {
  const answer = await context.db.transaction(async (tx) => {
    const { token, client, scopes, plan } = await authenticated(tx, request);
    requirePlan(context.product, plan);
    if (Object(request.body).client_id !== client.id) {
      throw new errors.InvalidRequest('client_id must be that of the client');
    }
    const choice = choiceOfMetadata(context.product, scopes, request.body);
    if (usesSecret(choice.token_endpoint_auth_method) && client.secrets.length === 0) {
      throw new errors.InvalidClientMetadata(
        'token_endpoint_auth_method needs a secret, and the client has none',
      );
    }
    const after = await updateClient(tx, client.id, settingsOf(choice));
    const change = { before: metadataOf(client), after: metadataOf(after) };
    await record(tx, { request, response }, 'updated', client, change);
    return { ...metadataOf(after), ...managementOf(context, after.id, token) };
  });
  send(response, 200, answer);
}

async function remove(
  context: RegistrationContext,
  request: ClientRequest,
  response: Response,
): Promise<void> {
  await context.db.transaction(async (tx) => {
    const { client } = await authenticated(tx, request);
    await deleteClient(tx, client.id);
    await record(tx, { request, response }, 'deleted', client, { before: metadataOf(client) });
  });
  response.status(204).end();
}

function usesSecret(authMethod: string): boolean {
  return authMethod.startsWith('client_secret_');
}

/** How the client manages itself. It alone has its token, of which we keep a hash: it is told the one it has sent. */
function managementOf({ issuer }: RegistrationContext, id: string, token: string) {
  return { registration_access_token: token, registration_client_uri: `${issuer}/oauth/register/${id}` };
}

function send(response: Response, status: number, body: object): void {
  response.setHeader('Cache-Control', 'no-store');
  response.status(status).json(body);
}
