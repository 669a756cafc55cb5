import { type OauthClients, Problem, type Product } from '#catalog';
import { mintSecret } from '#crypto';
import { type Database, deleteClientSecret, insertClientSecret } from '#store';
import { requireHeld } from './api-key-access.ts';
import { lockClient, needsSecret, recordClientChange } from './client-access.ts';
import { createdSecretAnswer, presentSecret } from './client-answers.ts';
import { type Route, route } from './route.ts';

const maxLiveSecrets = 2;

/**
 * The routes to rotate a client's secret: add a second one, move the servers over, and delete the first once its last
 * use is long enough ago.
 */
export function clientSecretRoutes(db: Database, product: Product, { path, scope }: OauthClients): Route[] {
  const common = { scope, mode: 'live', tag: 'OAuth clients' } as const;
  return [
    route({
      ...common,
      method: 'post',
      path: `${path}/:id0/secrets`,
      summary: 'Add a secret to an OAuth client',
      answer: createdSecretAnswer,
      status: 201,
      plans: product.oauth.plans,
      problems: ['conflict'],
      handle: (request) =>
        db.transaction(async (tx) => {
          const client = await lockClient(tx, request);
          requireHeld(product, request.caller, client.scopes);
          if (!needsSecret(client)) {
            throw new Problem('conflict', `A client that uses ${client.authMethod} has no secret.`);
          }
          if (client.secrets.length >= maxLiveSecrets) {
            throw new Problem('conflict', 'The client has two live secrets. Delete one of them first.');
          }
          const { secret, ...minted } = mintSecret();
          const made = presentSecret(await insertClientSecret(tx, client.id, minted));
          await recordClientChange(tx, request, 'client.secret_added', client.id, { after: made });
          return { status: 201, body: { ...made, client_secret: secret } };
        }),
    }),
    route({
      ...common,
      method: 'delete',
      path: `${path}/:id0/secrets/:id`,
      summary: 'Delete a secret of an OAuth client',
      answer: null,
      handle: (request) =>
        db.transaction(async (tx) => {
          const client = await lockClient(tx, request);
          const id = request.params[1];
          const secret = client.secrets.find((each) => each.id === id);
          if (!secret) throw new Problem('not_found', `client ${client.id} has no secret ${id}`);
          await deleteClientSecret(tx, client.id, secret.id);
          const before = presentSecret(secret);
          await recordClientChange(tx, request, 'client.secret_deleted', client.id, { before });
          return { status: 204 };
        }),
    }),
  ];
}
