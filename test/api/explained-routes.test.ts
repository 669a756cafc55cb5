import { describe, expect, it } from '@jest/globals';
import { loadProduct, type Mode, type ProblemKind } from '#catalog';
import { newId } from '#store';
import { templateOf } from '../../apps/api/src/openapi/names.ts';
import { callAs, field } from '../support/call.ts';
import { mistakesOf } from '../support/contract-mistakes.ts';
import { startDescribedApi } from '../support/described-api.ts';
import { createKey, createOrganization } from '../support/fixtures.ts';

const kindOf: Record<string, ProblemKind> = {
  scope: 'insufficient_scope',
  mode: 'live_mode_required',
  plan: 'plan_required',
};

/** A caller who is refused at some routes by one rule: the step of explain that says so. */
interface Refused {
  step: 'scope' | 'mode' | 'plan';
  highPlan: boolean;
  mode: Mode;
  scopes: boolean;
}

const callers: Refused[] = [
  { step: 'scope', highPlan: true, mode: 'live', scopes: false },
  { step: 'mode', highPlan: true, mode: 'test', scopes: true },
  { step: 'plan', highPlan: false, mode: 'live', scopes: true },
];

/** A product without limits, whose clients and exports come with the plan enterprise. */
async function startWithPlans(slug: string) {
  const { oauth, capabilities } = await loadProduct(slug);
  const byPlan = capabilities.map((each) =>
    each.capability === 'auditLog' ? { ...each, exportPlans: ['enterprise'] } : each,
  );
  return startDescribedApi(slug, { oauth, capabilities: byPlan });
}

// The cases come from the route table: a new route is covered as soon as it is declared.
describe.each([
  ['VaultWares', await startWithPlans('vaultwares')],
  ['Torvus', await startWithPlans('torvus')],
])('at every route of %s', (_name, { db, product, origin, routes, document }) => {
  it.each(callers)('explain tells whether the $step refuses', async ({ step, highPlan, mode, scopes }) => {
    const plan = highPlan ? 'enterprise' : product.defaultPlan;
    const { id: organizationId } = await createOrganization(db, product, { plan });
    const all = Object.keys(product.scopes);
    const asker = await createKey(db, product, organizationId, all);
    const asked = await createKey(db, product, organizationId, scopes ? all : [], { mode });

    const verdicts = await Promise.all(
      routes
        .filter(({ open }) => !open)
        .map(async (route) => {
          const [method, path] = [route.method.toUpperCase(), route.path.replace(/:id\d*/g, newId('x'))];
          const real = await callAs(asked.key, origin + path, { method });
          const question = { key_id: asked.id, method, path };
          const said = await callAs(asker.key, `${origin}${product.basePath}/auth/explain`, {
            method: 'POST',
            json: question,
          });
          const steps: unknown = field(said.body, 'steps');
          const failing = Array.isArray(steps) ? steps.filter((each) => each.passed === false) : steps;
          const operation = document.paths[templateOf(route.path)]?.[route.method];
          const undescribed = operation && mistakesOf(document, operation, real);
          return { route: `${method} ${route.path}`, real, said: said.body, failing, undescribed };
        }),
    );
    const refused = verdicts.filter(({ real }) => real.status === 403);
    for (const { route, real, said, failing } of verdicts) {
      const expected = real.status === 403 ? [{ step, status: 403, detail: expect.any(String) }] : [];
      expect([route, field(said, 'allowed'), failing]).toEqual([
        route,
        real.status !== 403,
        expected.map((each) => expect.objectContaining(each)),
      ]);
    }
    const { code } = product.errors[kindOf[step] ?? 'internal'];
    for (const { route, real, undescribed } of refused) {
      expect([route, JSON.stringify(real.body)]).toEqual([route, expect.stringContaining(`"${code}"`)]);
      expect([route, undescribed]).toEqual([route, []]);
    }
    expect(refused.length).toBeGreaterThan(0);
    expect(refused.length).toBeLessThan(verdicts.length);
  });
});
