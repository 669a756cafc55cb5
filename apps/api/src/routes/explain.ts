import { z } from 'zod';
import { type ExplainAccess, firstPartyClientId, Problem, passwordLoginOf } from '#catalog';
import { normaliseAddress } from '#http';
import {
  findApiKeyCredentialById,
  findClientCredential,
  findConsentCredential,
  type Queryable,
} from '#store';
import type { Caller } from '../caller.ts';
import { requireAllowedAddress } from '../credentials/authenticate.ts';
import { keyCaller } from '../credentials/authenticate-key.ts';
import { clientCaller, tokenCaller } from '../credentials/authenticate-token.ts';
import { requireReached } from '../credentials/named-organization.ts';
import { requireLive } from '../credentials/require-live.ts';
import { requirePlan } from '../credentials/require-plan.ts';
import { requireScopeOf } from '../credentials/require-scope.ts';
import { requireRoom } from '../limits/limit-requests.ts';
import { singleAddressForms } from './api-key-schemas.ts';
import { findRoute, routesAt } from './find-route.ts';
import { type ApiRequest, type Route, route } from './route.ts';
import type { RouteDependencies } from './route-table.ts';
import { validationProblem } from './validate.ts';

const id = z.string().max(100);

const asked = {
  method: z.enum(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']),
  /** With the base path: `/v1/devices`. A query is not looked at. */
  path: z
    .string()
    .startsWith('/')
    .max(2_000)
    .meta({ examples: ['/v1/devices'] }),
  /** Where the request would come from; the asker's own address when left out. */
  ip_address: z
    .string()
    .max(100)
    .refine((text) => normaliseAddress(text) !== null, 'is not an address')
    .meta({ anyOf: singleAddressForms })
    .optional(),
};

/** About a key, or about a token of a client: of one and a user, or in its own name. */
const ofKey = z.strictObject({ ...asked, key_id: id });
const ofClient = z.strictObject({ ...asked, client_id: id, user_id: id.optional() });
const takes = 'takes method, path, ip_address, and either key_id, or client_id and maybe user_id';
const question = z.union([ofKey, ofClient], { error: takes });

/** The same where a request can name an organization in a header. */
const named = { organization_id: id.min(1).optional() };
const questionWithName = z.union([ofKey.extend(named), ofClient.extend(named)], {
  error: `${takes}, and maybe organization_id`,
});

type Question = z.infer<typeof questionWithName>;

/** One step of a request's way: null where an earlier step has left nothing to look at. */
const stepAnswer = z.object({
  step: z.enum(['credential', 'allowlist', 'limit', 'organization', 'route', 'scope', 'mode', 'plan']),
  passed: z.boolean().nullable(),
  status: z.int().nullable(),
  detail: z.string(),
  mend: z.string().optional(),
});

type Step = z.infer<typeof stepAnswer>;

const explanation = z
  .object({ allowed: z.boolean(), status: z.int().nullable(), steps: z.array(stepAnswer) })
  .meta({ title: 'Explanation' });

interface Dependencies extends RouteDependencies {
  table: () => readonly Route[];
}

/**
 * The route that tells what a request with some key, or with a token of some client and user, would meet. It runs
 * the steps of a real request, and stops before anything is counted or done.
 */
export function explainRoutes(dependencies: Dependencies, { path, scope }: ExplainAccess): Route[] {
  return [
    route({
      method: 'post',
      path,
      scope,
      summary: 'Explain access',
      tag: 'Credential',
      body: passwordLoginOf(dependencies.product) ? questionWithName : question,
      answer: explanation,
      async handle(request) {
        const steps = await explain(dependencies, request);
        const failed = steps.find((step) => step.passed === false);
        return { status: 200, body: { allowed: !failed, status: failed?.status ?? null, steps } };
      },
    }),
  ];
}

async function explain(
  { db, product, limiter, table }: Dependencies,
  request: ApiRequest<unknown, Question>,
): Promise<Step[]> {
  const { method, path: target, ip_address, organization_id: named = null } = request.body;
  const [path = ''] = target.split('?');
  requireOwnMatter(request);
  const address = normaliseAddress(ip_address ?? request.ipAddress) ?? request.ipAddress;

  const openThere = routesAt(
    table().filter(({ open }) => open),
    path,
  );
  if (openThere.length > 0) {
    const routeStep = await step('route', async () => {
      findRoute(openThere, method, path);
      return 'It is open to all: no credential is looked at.';
    });
    return [routeStep];
  }

  let caller: Caller | undefined;
  let found: Route | undefined;
  const credential = await step('credential', async () => {
    caller = await callerOfQuestion(db, product, request);
    return `It is good, for ${caller.scopes.join(', ') || 'no scope at all'}.`;
  });
  const allowlist = await step('allowlist', async () => {
    if (!caller) return null;
    requireAllowedAddress(caller, address);
    return `${address} is allowed.`;
  });
  const limit = await step('limit', async () => {
    if (!caller) return null;
    const decision = await limiter.peek(caller.countedAs, caller.windows);
    requireRoom(decision);
    return decision.windows.map((window) => `${window.limit} a ${window.name}`).join(' and ');
  });
  const organization = await step('organization', async () => {
    if (!caller) return null;
    requireReached(caller, named);
    return `It is ${named}.`;
  });
  const routeStep = await step('route', async () => {
    found = findRoute(table(), method, path);
    return `${found.method.toUpperCase()} ${found.path}`;
  });
  const scopeStep = await step('scope', async () => {
    if (!caller || !found) return null;
    requireScopeOf(product, caller, found.scope);
    return found.scope === null ? 'It needs no scope.' : `It needs ${found.scope}.`;
  });
  const mode = await step('mode', async () => {
    if (!caller || !found) return null;
    if (found.mode === null) return 'It exists in both modes.';
    requireLive(caller);
    return 'It exists in live mode.';
  });
  const plan = await step('plan', async () => {
    if (!caller || !found) return null;
    requirePlan(caller, found.plans);
    return `${caller.plan} has it.`;
  });
  const before = [credential, allowlist, limit, ...(named === null ? [] : [organization])];
  return [...before, routeStep, scopeStep, mode, plan];
}

/** What a token of a login may do in another of the person's organizations is that one's matter. */
function requireOwnMatter({ caller, body }: ApiRequest<unknown, Question>): void {
  const named = body.organization_id ?? caller.organizationId;
  const reachesOthers = 'client_id' in body && body.client_id === firstPartyClientId;
  if (!reachesOthers || named === caller.organizationId) return;
  throw validationProblem([{ field: 'organization_id', message: 'is not yours: ask there' }]);
}

async function step(name: Step['step'], run: () => Promise<string | null>): Promise<Step> {
  try {
    const detail = await run();
    if (detail === null)
      return { step: name, passed: null, status: null, detail: 'An earlier step has failed.' };
    return { step: name, passed: true, status: null, detail };
  } catch (error) {
    if (!(error instanceof Problem) || error.status >= 500) throw error;
    const { mend } = error.facts;
    return {
      step: name,
      passed: false,
      status: error.status,
      detail: error.message,
      ...(mend !== undefined && { mend }),
    };
  }
}

async function callerOfQuestion(
  db: Queryable,
  product: Dependencies['product'],
  { caller: asker, body }: ApiRequest<unknown, Question>,
): Promise<Caller> {
  const { organizationId } = asker;
  if ('key_id' in body) {
    const found = await findApiKeyCredentialById(db, organizationId, body.key_id);
    return keyCaller(product, found && (asker.mode === 'live' || found.mode === 'test') ? found : null);
  }
  const now = new Date().toISOString();
  if (body.user_id === undefined) {
    const own = asker.mode === 'live' ? await findClientCredential(db, body.client_id, '') : null;
    if (own?.organizationId === organizationId) return clientCaller(product, own, own.clientScopes, now);
    throw new Problem('invalid_credential', 'No token of this client in its own name would be good.', {
      mend: 'The client has to be of this organization, and to have the grant client_credentials.',
    });
  }
  const consent = { organizationId, clientId: body.client_id, userId: body.user_id };
  const found = asker.mode === 'live' ? await findConsentCredential(db, consent) : null;
  const mend = 'The user has to be a member, and let the app in.';
  if (!found)
    throw new Problem('invalid_credential', 'No token of this user and client would be good.', { mend });
  return tokenCaller(product, found, found.consentedScopes, now);
}
