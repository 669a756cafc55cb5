import type { Request, Response } from 'express';
import { type AppPolicy, appDeciders, appDecisions, appPolicies, clientIdPattern, Problem } from '#catalog';
import {
  applyAppPolicy,
  deleteAppDecision,
  deleteConsent,
  findAppDecision,
  findOrganization,
  listAppDecisions,
  listAppRequests,
  listConnectedApps,
  listMembershipsOfUser,
  lockConnectedApp,
  lockOrganization,
  type Organization,
  type Queryable,
  updateOrganization,
  upsertAppDecision,
} from '#store';
import { recordChange } from '../audit.ts';
import { dayOf } from '../dates.ts';
import { requireForm } from '../form.ts';
import { readerOf } from '../language.ts';
import type { SignedIn } from '../session.ts';
import type { AccountArea, AccountContext } from './account-area.ts';
import { type AccountFrame, accountFrame } from './account-frame.ts';
import { type AppUse, appUse } from './app-use.ts';

/** What the page of an organization's apps shows. */
export interface OrganizationAppsPage extends AccountFrame {
  /** The organizations whose apps the user decides about. */
  organizations: readonly { id: string; name: string }[];
  /** Null when there is none. */
  organization: { id: string; name: string; policy: AppPolicy } | null;
  policies: readonly AppPolicy[];
  requests: readonly { clientId: string; name: string; person: string; message: string; askedOn: string }[];
  decisions: readonly {
    id: string;
    clientId: string;
    name: string;
    decision: 'allowed' | 'denied';
    decidedOn: string;
  }[];
  consents: readonly (AppUse & { id: string; name: string; person: string })[];
}

const path = '/account/organization-apps';
const shown = { limit: 100, cursor: null };

/** The apps of the organizations that a user administers: the policy, what members ask for, what was decided, who uses what. */
export const organizationApps: AccountArea = {
  path,
  words: ({ apps }) => apps.organization,
  routes(routes, context) {
    routes.page(path, (signedIn, request, response) => sendPage(context, signedIn, request, response));
    const action = (name: string, change: Change) =>
      routes.action(`${path}/${name}`, (...asked) => carryOut(context, change, ...asked), {
        fresh: true,
        before: [
          (request, response, next) => {
            readerOf(response).page = pageOf(requireForm(request).get('organization') ?? '');
            next();
          },
        ],
      });
    action('policy', changePolicy);
    action('decide', decide);
    action('take-back', takeBack);
    action('end', endConsent);
  },
};

const pageOf = (organizationId: string) => `${path}?${new URLSearchParams({ organization: organizationId })}`;

async function listManaged({ db }: AccountContext, { user }: SignedIn) {
  const memberships = await listMembershipsOfUser(db, user.id);
  return memberships
    .filter(({ role }) => appDeciders.some((decider) => decider === role))
    .map(({ organizationId, organizationName }) => ({ id: organizationId, name: organizationName }));
}

async function sendPage(
  context: AccountContext,
  signedIn: SignedIn,
  request: Request,
  response: Response,
): Promise<void> {
  const { product, db } = context;
  const { language } = readerOf(response);
  const organizations = await listManaged(context, signedIn);
  const chosen = organizations.find(({ id }) => id === request.query.organization) ?? organizations[0];
  const organization = chosen ? await findOrganization(db, chosen.id) : null;
  const [requests, decisions, consents] = organization
    ? await Promise.all([
        listAppRequests(db, organization.id, { state: 'pending', ...shown }),
        listAppDecisions(db, organization.id, shown),
        listConnectedApps(db, organization.id, shown),
      ])
    : [[], [], []];
  context.pages.send(response, 200, 'organization-apps', {
    ...accountFrame(context, signedIn, request, response),
    organizations,
    organization: organization && {
      id: organization.id,
      name: organization.name,
      policy: organization.appPolicy,
    },
    policies: appPolicies,
    requests: requests.map(({ clientId, clientName, userEmail, message, createdAt }) => ({
      clientId,
      name: clientName,
      person: userEmail,
      message,
      askedOn: dayOf(language, createdAt),
    })),
    decisions: decisions.map(({ id, clientId, clientName, decision, updatedAt }) => ({
      id,
      clientId,
      name: clientName ?? clientId,
      decision,
      decidedOn: dayOf(language, updatedAt),
    })),
    consents: consents.map((app) => ({
      ...appUse(product, language, app),
      id: app.id,
      name: app.clientName,
      person: app.userEmail,
    })),
  });
}

/** One change in an organization whose row is held. Returns its audit entry and the key of its notice. */
type Change = (
  tx: Queryable,
  organization: Organization,
  form: URLSearchParams,
  userId: string,
) => Promise<{
  done: string;
  action: string;
  targetType: string;
  targetId: string;
  before: unknown;
  after: object | null;
}>;

/** Carries out a change for whoever decides about the organization's apps. Problem: `not_found` for others. */
async function carryOut(
  context: AccountContext,
  change: Change,
  signedIn: SignedIn,
  request: Request,
  response: Response,
): Promise<void> {
  const form = requireForm(request);
  const managed = await listManaged(context, signedIn);
  const id = managed.find((each) => each.id === form.get('organization'))?.id;
  if (id === undefined) throw new Problem('not_found', 'There is no such organization of yours.');
  const done = await context.db.transaction(async (tx) => {
    const organization = await lockOrganization(tx, id);
    if (!organization) throw new Problem('not_found', 'The organization is gone.');
    const { done, after, ...entry } = await change(tx, organization, form, signedIn.user.id);
    const ended = await applyAppPolicy(tx, id, readerOf(response).language);
    await recordChange(tx, request, response, signedIn.user.id, {
      organizationId: id,
      ...entry,
      after: after && ended.length > 0 ? { ...after, ended_consents: ended } : after,
    });
    return done;
  });
  response.redirect(303, `${pageOf(id)}&done=${done}`);
}

const changePolicy: Change = async (tx, organization, form) => {
  const policy = appPolicies.find((each) => each === form.get('policy'));
  if (!policy) throw new Problem('malformed_request', 'Choose one of the policies.');
  await updateOrganization(tx, organization.id, { ...organization, appPolicy: policy });
  return {
    done: 'saved',
    action: 'organization.updated',
    targetType: 'organization',
    targetId: organization.id,
    before: { app_policy: organization.appPolicy },
    after: { app_policy: policy },
  };
};

const decide: Change = async (tx, { id: organizationId }, form, userId) => {
  const decision = appDecisions.find((each) => each === form.get('decision'));
  const clientId = form.get('client') ?? '';
  if (!decision || clientId.length > 500 || !clientIdPattern.test(clientId))
    throw new Problem('malformed_request', 'Say what to decide about which app.');
  const before = await findAppDecision(tx, organizationId, { clientId });
  const after = await upsertAppDecision(tx, { organizationId, clientId, decision, decidedBy: userId });
  return {
    done: decision === 'allowed' ? 'appAllowed' : 'appDenied',
    action: 'app_decision.decided',
    targetType: 'app_decision',
    targetId: after.id,
    before: before && { client_id: clientId, decision: before.decision },
    after: { client_id: clientId, decision },
  };
};

const takeBack: Change = async (tx, { id: organizationId }, form) => {
  const before = await findAppDecision(tx, organizationId, { id: form.get('id') ?? '' });
  if (!before) throw new Problem('not_found', 'There is no such decision any more.');
  await deleteAppDecision(tx, before.id);
  return {
    done: 'saved',
    action: 'app_decision.taken_back',
    targetType: 'app_decision',
    targetId: before.id,
    before: { client_id: before.clientId, decision: before.decision },
    after: null,
  };
};

const endConsent: Change = async (tx, { id: organizationId }, form) => {
  const app = await lockConnectedApp(tx, form.get('id') ?? '');
  if (app?.organizationId !== organizationId)
    throw new Problem('not_found', 'There is no such access any more.');
  await deleteConsent(tx, app.id, 'withdrawn_by_admin');
  return {
    done: 'accessEnded',
    action: 'consent.deleted',
    targetType: 'consent',
    targetId: app.id,
    before: { client_id: app.clientId, user_id: app.userId, scopes: app.scopes },
    after: null,
  };
};
