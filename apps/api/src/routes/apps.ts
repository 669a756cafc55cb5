import { z } from 'zod';
import { type Apps, Problem, type ProblemKind } from '#catalog';
import {
  applyAppPolicy,
  appRequestStates,
  type Database,
  type DecidedApp,
  deleteAppDecision,
  deleteConsent,
  findAppDecision,
  listAppDecisions,
  listAppRequests,
  listConnectedApps,
  lockConnectedApp,
  lockOrganization,
  type Queryable,
  upsertAppDecision,
} from '#store';
import { userOf } from '../caller.ts';
import { requireLive } from '../credentials/require-live.ts';
import {
  appDecisionAnswer,
  appDecisionBody,
  appRequestAnswer,
  connectedAppAnswer,
  presentAppDecision,
  presentAppRequest,
  presentConnectedApp,
} from './app-answers.ts';
import { recordChange } from './audit.ts';
import { pageQuery } from './list-page.ts';
import { livePage } from './live-page.ts';
import { type ApiRequest, type Route, route } from './route.ts';

/**
 * The routes over apps in an organization: what its administrators decided, what members ask for, and who let which app
 * in. They exist in live mode only, since apps reach live data.
 */
export function appRoutes(db: Database, declared: Apps): Route[] {
  return [...decisionRoutes(db, declared), requestRoute(db, declared), ...consentRoutes(db, declared)];
}

const tag = 'Apps';
const problems: ProblemKind[] = ['live_mode_required'];

function decisionRoutes(db: Database, { path, scope }: Apps): Route[] {
  const collection = `${path}/decisions`;
  const item = `${collection}/:id`;
  const common = { scope, tag, answer: appDecisionAnswer, problems };
  return [
    route({
      ...common,
      method: 'get',
      path: collection,
      summary: 'List decisions about apps',
      list: true,
      query: z.strictObject(pageQuery),
      handle: (request) =>
        livePage(
          request,
          (paging) => listAppDecisions(db, request.caller.organizationId, paging),
          presentAppDecision,
        ),
    }),
    route({
      ...common,
      method: 'post',
      path: collection,
      summary: 'Decide about an app',
      status: 201,
      body: appDecisionBody,
      handle: (request) =>
        db.transaction(async (tx) => {
          const { caller, body } = request;
          requireLive(caller);
          const { organizationId } = caller;
          const clientId = body.client_id;
          await lockOrganization(tx, organizationId);
          const before = await findAppDecision(tx, organizationId, { clientId });
          const { decision } = body;
          const decidedBy = userOf(caller);
          const after = await upsertAppDecision(tx, { organizationId, clientId, decision, decidedBy });
          const ended = await applyAppPolicy(tx, organizationId, 'en');
          await recordDecision(tx, request, after.id, { action: 'decided', before, after, ended });
          return { status: 201, body: presentAppDecision(after) };
        }),
    }),
    route({
      ...common,
      method: 'get',
      path: item,
      summary: 'Get a decision about an app',
      handle: async (request) => ({ status: 200, body: presentAppDecision(await findDecision(db, request)) }),
    }),
    route({
      ...common,
      method: 'delete',
      path: item,
      summary: 'Take back a decision about an app',
      answer: null,
      handle: (request) =>
        db.transaction(async (tx) => {
          requireLive(request.caller);
          await lockOrganization(tx, request.caller.organizationId);
          const before = await findDecision(tx, request);
          await deleteAppDecision(tx, before.id);
          const ended = await applyAppPolicy(tx, before.organizationId, 'en');
          await recordDecision(tx, request, before.id, { action: 'taken_back', before, after: null, ended });
          return { status: 204 };
        }),
    }),
  ];
}

function requestRoute(db: Database, { path, scope }: Apps): Route {
  return route({
    method: 'get',
    path: `${path}/requests`,
    scope,
    summary: 'List requests for apps',
    tag,
    answer: appRequestAnswer,
    problems,
    list: true,
    query: z.strictObject({ ...pageQuery, state: z.enum(appRequestStates).optional() }),
    handle: (request) =>
      livePage(
        request,
        (paging) =>
          listAppRequests(db, request.caller.organizationId, { ...paging, state: request.query.state }),
        presentAppRequest,
      ),
  });
}

function consentRoutes(db: Database, { path, scope }: Apps): Route[] {
  const collection = `${path}/consents`;
  const common = { scope, tag, answer: connectedAppAnswer, problems };
  return [
    route({
      ...common,
      method: 'get',
      path: collection,
      summary: 'List consents to apps',
      list: true,
      query: z.strictObject({ ...pageQuery, client_id: z.string().max(500).optional() }),
      handle: (request) =>
        livePage(
          request,
          (paging) =>
            listConnectedApps(db, request.caller.organizationId, {
              ...paging,
              clientId: request.query.client_id,
            }),
          presentConnectedApp,
        ),
    }),
    route({
      ...common,
      method: 'delete',
      path: `${collection}/:id`,
      summary: 'End a consent to an app',
      answer: null,
      handle: (request) =>
        db.transaction(async (tx) => {
          const {
            caller,
            params: [id = ''],
          } = request;
          requireLive(caller);
          const before = await lockConnectedApp(tx, id);
          if (before?.organizationId !== caller.organizationId)
            throw new Problem('not_found', `no consent ${id}`);
          await deleteConsent(tx, id, 'withdrawn_by_admin');
          await recordChange(tx, request, {
            mode: 'live',
            action: 'consent.deleted',
            targetType: 'consent',
            targetId: id,
            before: { client_id: before.clientId, user_id: before.userId, scopes: before.scopes },
            after: null,
          });
          return { status: 204 };
        }),
    }),
  ];
}

/** The decision that the path names. Problems: `live_mode_required`, `not_found`. */
async function findDecision(db: Queryable, { caller, params: [id = ''] }: ApiRequest): Promise<DecidedApp> {
  requireLive(caller);
  const found = await findAppDecision(db, caller.organizationId, { id });
  if (!found) throw new Problem('not_found', `no decision ${id}`);
  return found;
}

function recordDecision(
  tx: Queryable,
  request: ApiRequest,
  targetId: string,
  {
    action,
    before,
    after,
    ended,
  }: { action: string; before: DecidedApp | null; after: DecidedApp | null; ended: string[] },
): Promise<void> {
  return recordChange(tx, request, {
    mode: 'live',
    action: `app_decision.${action}`,
    targetType: 'app_decision',
    targetId,
    before: before && presentAppDecision(before),
    after: after && { ...presentAppDecision(after), ...(ended.length > 0 && { ended_consents: ended }) },
  });
}
