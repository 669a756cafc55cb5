import { describe, expect, it } from '@jest/globals';
import { allResources, loadProduct, type Product } from '#catalog';
import { newId } from '#store';
import { memoryLimiter } from '../../apps/api/src/limits/memory-limiter.ts';
import { routeTable } from '../../apps/api/src/routes/route-table.ts';
import { callAs, textField } from '../support/call.ts';
import { createConsent, createKey, createMember, createOrganization } from '../support/fixtures.ts';
import { startApi } from '../support/start-api.ts';
import { createTestDatabase } from '../support/test-database.ts';

// For every route with an id, of every product: another organization's id gets the very answer of an id that
// does not exist. The cases come from the route table, so a new route is covered as soon as it is declared.
const db = await createTestDatabase();

for (const slug of ['vaultwares', 'torvus']) {
  const product = await loadProduct(slug);
  const { origin } = await startApi({ db, product });
  const urls = { apiUrl: origin, authUrl: origin, encryptionKey: '0'.repeat(64) };
  const table = routeTable({ db, product, limiter: memoryLimiter(), ...urls, findUnwritten: () => null });
  const scopes = Object.keys(product.scopes);
  const own = await organizationWithKey(product, scopes);
  const foreign = await organizationWithKey(product, scopes);

  /** An item of the other organization at a collection's path, made by the API itself, below real parents. */
  const makeForeign = async (collection: string): Promise<string> => {
    // A request's record is made by whatever is asked.
    if (
      product.capabilities.some(
        (has) => has.capability === 'requestLog' && product.basePath + has.path === collection,
      )
    ) {
      const { headers } = await callAs(foreign.key, origin + product.basePath);
      return `${collection}/${headers.get('X-Request-Id')}`;
    }
    // An app is let in by a person, and by no route of the API.
    if (collection.endsWith('/apps/consents')) {
      return `${collection}/${(await createConsent(db, product, foreign.organizationId)).id}`;
    }
    const parts = collection.split('/:');
    let at = '';
    for (const [depth, part] of parts.entries()) {
      const path = depth === 0 ? part : part.slice(part.indexOf('/'));
      const { status, body } = await callAs(foreign.key, origin + at + path, {
        method: 'POST',
        json: bodyFor(product, path.slice(path.lastIndexOf('/'))),
      });
      expect([path, status]).toEqual([path, 201]);
      at += `${path}/${textField(body, 'id')}`;
    }
    return at;
  };

  describe(slug, () => {
    const routes = table.filter((route) => route.path.includes(':id'));

    it('has routes with ids', () => {
      expect(routes.length).toBeGreaterThan(5);
    });

    it.each(routes.map((route) => [route.method.toUpperCase(), route.path, route] as const))(
      '%s %s',
      async (method, path, route) => {
        const collection = path.replace(/\/:id\d*$/, '');
        const toItem = path !== collection;
        const parent = collection.replace(/\/[^/]*$/, '');
        const full = toItem
          ? await makeForeign(collection)
          : (await makeForeign(parent.replace(/\/:id\d*$/, ''))) + collection.slice(parent.length);
        const missing = full.replace(/([a-z]+)_[0-9a-z]{26}/g, (_id, prefix) => newId(prefix));

        const json =
          route.body === null
            ? undefined
            : bodyFor(product, collection.slice(collection.lastIndexOf('/')), method);
        const ask = (at: string) =>
          callAs(own.key, origin + at, { method, ...(json !== undefined && { json }) });
        const [theirs, nobodys] = [await ask(full), await ask(missing)];
        expect(theirs.status).toBe(404);
        expect([theirs.status, theirs.body]).toEqual([nobodys.status, nobodys.body]);
        expect(headerNames(theirs.headers)).toEqual(headerNames(nobodys.headers));
        // And it is there: its own organization finds it, with whichever method shows it.
        const list = await callAs(foreign.key, origin + full.replace(/\/[^/]*$/, ''));
        if (toItem && list.status === 200)
          expect(JSON.stringify(list.body)).toContain(full.split('/').at(-1));
        if (toItem && method === 'GET') expect((await callAs(foreign.key, origin + full)).status).toBe(200);
      },
    );

    it('lists nothing of another organization', async () => {
      const lists = table.filter(
        (route) => route.method === 'get' && !route.open && !route.path.includes(':'),
      );
      for (const { path } of lists) {
        const { status, body } = await callAs(own.key, origin + path);
        expect([path, status]).toEqual([path, 200]);
        expect(JSON.stringify(body)).not.toContain(foreign.organizationId);
        for (const id of foreign.ids) expect(JSON.stringify(body)).not.toContain(id);
      }
    });
  });
}

async function organizationWithKey(product: Product, scopes: string[]) {
  const plan = Object.keys(product.plans).includes('enterprise') ? 'enterprise' : product.defaultPlan;
  const { id: organizationId } = await createOrganization(db, product, { plan });
  const owner = await createMember(db, organizationId, 'owner');
  const { key, id } = await createKey(db, product, organizationId, scopes);
  return { organizationId, key, ids: [owner.id, id] };
}

/** A body that the collection at `path` takes. */
function bodyFor(product: Product, path: string, method = 'POST'): unknown {
  const resource = allResources(product.resources).find((declared) => declared.path === path);
  if (resource) return resource.examples[0];
  const capability = product.capabilities.find((declared) => declared.path === path);
  if (capability?.capability === 'apiKeys') {
    return method === 'POST'
      ? { name: 'K', [capability.scopesField]: Object.keys(product.scopes).slice(0, 1) }
      : { name: 'K' };
  }
  if (capability?.capability === 'oauthClients') {
    return method === 'POST'
      ? {
          name: 'C',
          redirect_uris: ['https://c.example/cb'],
          scopes: Object.keys(product.scopes).slice(0, 1),
        }
      : { name: 'C' };
  }
  if (path === '/decisions') {
    return { client_id: newId('client'), decision: 'denied' };
  }
  if (path === '/client-registration-tokens') return { scopes: Object.keys(product.scopes).slice(0, 1) };
  if (path === '/rotate' || path === '/secrets') return {};
  if (capability?.capability === 'members' || capability?.capability === 'invitations') {
    return method === 'POST'
      ? { email: `${newId('m')}@example.com`, role: 'viewer' }
      : { name: 'M', role: 'viewer' };
  }
  throw new Error(`this test has no body for ${path}: add one`);
}

/** Which headers an answer has; their values differ by request. */
function headerNames(headers: Headers): string[] {
  return [...headers.keys()].toSorted();
}
