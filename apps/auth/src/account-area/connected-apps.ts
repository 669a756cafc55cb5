import type { Request, Response } from 'express';
import {
  type ConnectedApp,
  declineScope,
  deleteConsent,
  listAppRequestsOfUser,
  listConnectedAppsOfUser,
  lockConnectedApp,
} from '#store';
import { recordChange } from '../audit.ts';
import { dayOf } from '../dates.ts';
import { requireForm } from '../form.ts';
import { requiredScope } from '../interaction/consent-page.ts';
import { readerOf } from '../language.ts';
import type { SignedIn } from '../session.ts';
import type { AccountArea, AccountContext } from './account-area.ts';
import { type AccountFrame, accountFrame } from './account-frame.ts';
import { type AppUse, appUse } from './app-use.ts';

/** What the page of a user's connected apps shows. */
export interface ConnectedAppsPage extends AccountFrame {
  apps: readonly (AppUse & {
    /** The consent's. */
    id: string;
    name: string;
    maker: string | null;
    organization: string;
    connectedOn: string;
  })[];
  requests: readonly {
    name: string;
    organization: string;
    askedOn: string;
    state: 'pending' | 'allowed' | 'denied';
  }[];
  /** The scope that can't be dropped by itself. */
  requiredScope: string;
}

const path = '/account/apps';

/** The apps that a user has let in: what each may do and did, and the way to end it. */
export const connectedApps: AccountArea = {
  path,
  words: ({ apps }) => apps.connected,
  routes(routes, context) {
    routes.page(path, (signedIn, request, response) => sendPage(context, signedIn, request, response));
    const page = { page: path };
    routes.action(`${path}/drop`, (...asked) => dropScope(context, ...asked), page);
    routes.action(`${path}/disconnect`, (...asked) => disconnect(context, ...asked), page);
  },
};

async function sendPage(
  context: AccountContext,
  signedIn: SignedIn,
  request: Request,
  response: Response,
): Promise<void> {
  const { product, db } = context;
  const { language } = readerOf(response);
  const apps = await listConnectedAppsOfUser(db, signedIn.user.id);
  const requests = await listAppRequestsOfUser(db, signedIn.user.id);
  context.pages.send(response, 200, 'connected-apps', {
    ...accountFrame(context, signedIn, request, response),
    apps: apps.map((app) => ({
      ...appUse(product, language, app),
      id: app.id,
      name: app.clientName,
      maker: app.makerName,
      organization: app.organizationName,
      connectedOn: dayOf(language, app.createdAt),
    })),
    requests: requests.map(({ clientName, organizationName, createdAt, state }) => ({
      name: clientName,
      organization: organizationName,
      askedOn: dayOf(language, createdAt),
      state,
    })),
    requiredScope,
  });
}

/** Takes one scope from an app; with the last one, or that of the sign-in itself, the app is disconnected. */
function dropScope(
  context: AccountContext,
  signedIn: SignedIn,
  request: Request,
  response: Response,
): Promise<void> {
  const scope = requireForm(request).get('scope') ?? '';
  return change(context, signedIn, request, response, (app) =>
    app.scopes.filter((held) => held !== scope && scope !== requiredScope),
  );
}

function disconnect(
  context: AccountContext,
  signedIn: SignedIn,
  request: Request,
  response: Response,
): Promise<void> {
  return change(context, signedIn, request, response, () => []);
}

/** Leaves the user's consent with what `keep` keeps of its scopes, or withdraws it when that is nothing. */
async function change(
  { db }: AccountContext,
  signedIn: SignedIn,
  request: Request,
  response: Response,
  keep: (app: ConnectedApp) => string[],
): Promise<void> {
  const id = requireForm(request).get('consent') ?? '';
  const done = await db.transaction(async (tx) => {
    const app = await lockConnectedApp(tx, id);
    // Somebody else's is none; nor is one that has ended meanwhile an error.
    if (app?.userId !== signedIn.user.id) return null;
    const kept = keep(app);
    const dropped = app.scopes.filter((scope) => !kept.includes(scope));
    if (dropped.length === 0) return null;
    if (kept.length === 0) await deleteConsent(tx, id);
    else for (const scope of dropped) await declineScope(tx, id, scope);
    await recordChange(tx, request, response, signedIn.user.id, {
      organizationId: app.organizationId,
      action: kept.length === 0 ? 'consent.deleted' : 'consent.updated',
      targetType: 'consent',
      targetId: id,
      before: { client_id: app.clientId, scopes: app.scopes },
      after: kept.length === 0 ? null : { client_id: app.clientId, scopes: kept },
    });
    return kept.length === 0 ? 'appDisconnected' : 'scopeDropped';
  });
  response.redirect(303, done === null ? path : `${path}?done=${done}`);
}
