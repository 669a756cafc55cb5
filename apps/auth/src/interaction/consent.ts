import type { Request, Response } from 'express';
import type { Product } from '#catalog';
import { clientAddress, requestIdOf } from '#http';
import {
  findAppStanding,
  insertAuditEntry,
  lacksSecondFactor,
  upsertConsent,
  upsertDescribedClient,
} from '#store';
import { organizationOf } from '../client-metadata.ts';
import { requireForm } from '../form.ts';
import { allowImagesOf } from '../headers.ts';
import { messagesOf, readerOf } from '../language.ts';
import { isStillSignedIn } from '../session.ts';
import { sendApprovalPage, standingOf } from './app-approval.ts';
import {
  type ConsentPage,
  choicesOf,
  consentPage,
  type Decider,
  findDecider,
  requiredScope,
} from './consent-page.ts';
import { askToSignIn, type InteractionContext, loadPending, nameOf, type Pending } from './interaction.ts';
import { sendFactorRequired } from './second-factor-required.ts';

/** Shows the consent page, or first the choice of an organization, or that the user has none. */
export async function showConsent(
  context: InteractionContext,
  pending: Pending,
  request: Request,
  response: Response,
): Promise<void> {
  const { organization, choose, chosen } = request.query;
  const organizationId = typeof organization === 'string' ? organization : null;
  const found = await findDecider(context, pending, organizationId, request, response);
  if (!found) return askToSignIn(context, request, response);
  const { signedIn, memberships, withoutOauth, decider } = found;
  const shared = { action: pending.action, clientName: nameOf(pending.client), email: signedIn.user.email };

  if (memberships.length === 0) {
    return context.pages.send(response, 200, 'no-organization', {
      ...shared,
      withoutOauth: withoutOauth.length > 0,
      owned: ownedOf(context.product, withoutOauth, response),
    });
  }
  const hasChosen = decider?.organization.id === organizationId;
  const error = chosen === undefined || hasChosen ? null : messagesOf(response).organization.choose.missing;
  if (decider && choose === undefined && error === null) {
    if (await lacksFactor(context, decider)) return sendFactorRequired(context, pending, decider, response);
    const standing = await standingOf(context, pending, decider);
    if (standing === 'allowed') return sendPage(context, pending, decider, response, null);
    return sendApprovalPage(context, pending, decider, response, { standing });
  }
  context.pages.send(response, error === null ? 200 : 422, 'choose-organization', {
    ...shared,
    error,
    organizations: memberships.map(({ organizationId, organizationName, role }) => ({
      id: organizationId,
      name: organizationName,
      role,
      checked: decider?.organization.id === organizationId,
    })),
  });
}

/** What an owner can do about a plan without OAuth: the vendor gives it. */
function ownedOf(
  { name, oauth, translations }: Product,
  withoutOauth: Decider['memberships'],
  response: Response,
): { organization: string; planChange: string } | null {
  const owned = withoutOauth.find(({ role }) => role === 'owner');
  if (!owned) return null;
  const { language } = readerOf(response);
  const plans = new Intl.ListFormat(language, { type: 'disjunction' }).format(oauth.plans);
  const translated = language === 'en' ? undefined : translations?.[language]?.planChange;
  const { planChange } = messagesOf(response).organization.ownedWithoutOauth;
  return {
    organization: owned.organizationName,
    planChange: translated ?? oauth.planChange ?? planChange(name, plans),
  };
}

/**
 * Takes the user's decision: remembers it, and goes on with the authorization. Only ticked scopes are granted, and
 * of these only such as the page could have offered, whatever the form says.
 */
export async function decide(
  context: InteractionContext,
  request: Request<{ uid: string }>,
  response: Response,
): Promise<void> {
  const pending = await loadPending(context, request, response);
  if (pending.interaction.prompt.name !== 'consent') return response.redirect(303, pending.action);

  const form = requireForm(request);
  const organizationId = form.get('organization');
  const found = await findDecider(context, pending, organizationId, request, response);
  if (!found) return askToSignIn(context, request, response);
  const { decider } = found;
  if (!decider || decider.organization.id !== organizationId) return response.redirect(303, pending.action);
  if (await lacksFactor(context, decider)) return response.redirect(303, pending.action);

  const choices = choicesOf(pending, decider.offers).map(({ scope }) => scope);
  const ticked = form.getAll('scope');
  const scopes = choices.filter((scope) => scope === requiredScope || ticked.includes(scope));
  const keeps = decider.offers.some(({ scope, state }) => state === 'granted' && !choices.includes(scope));
  if (scopes.length === 0 && !keeps) {
    return sendPage(context, pending, decider, response, messagesOf(response).consent.tickOne);
  }

  const remembered = await remember(context, pending, decider, {
    scopes,
    declinedScopes: choices.filter((scope) => !scopes.includes(scope)),
    requestId: requestIdOf(response),
    ipAddress: clientAddress(request),
  });
  // The page says why not.
  if (!remembered) return response.redirect(303, pending.action);
  await context.keeper.provider.interactionFinished(request, response, { consent: { organizationId } });
}

/** Whether the organization wants a second factor of its members, which the user doesn't have. */
function lacksFactor({ db }: InteractionContext, { signedIn, organization }: Decider): Promise<boolean> {
  return lacksSecondFactor(db, { userId: signedIn.user.id, organizationId: organization.id });
}

/** False when the organization doesn't let the app in (any more), or the sign-in has ended. */
async function remember(
  { db, documents }: InteractionContext,
  { client }: Pending,
  { signedIn, organization, consent: before }: Decider,
  decision: { scopes: string[]; declinedScopes: string[]; requestId: string; ipAddress: string },
): Promise<boolean> {
  const described = organizationOf(client) === null ? await documents?.find(client.clientId) : undefined;
  const { user } = signedIn;
  return db.transaction(async (tx) => {
    if (!(await isStillSignedIn(tx, signedIn))) return false;
    const pair = { organizationId: organization.id, clientId: client.clientId };
    if ((await findAppStanding(tx, pair, { hold: true })) !== 'allowed') return false;
    if (described) await upsertDescribedClient(tx, client.clientId, described);
    const after = await upsertConsent(tx, {
      ...pair,
      userId: user.id,
      scopes: decision.scopes,
      declinedScopes: decision.declinedScopes,
    });
    await insertAuditEntry(tx, {
      organizationId: organization.id,
      mode: 'live',
      actorType: 'user',
      actorId: user.id,
      action: before ? 'consent.updated' : 'consent.created',
      targetType: 'consent',
      targetId: after.id,
      before: before && { client_id: client.clientId, scopes: before.scopes },
      after: { client_id: client.clientId, scopes: after.scopes },
      requestId: decision.requestId,
      ipAddress: decision.ipAddress,
    });
    return true;
  });
}

async function sendPage(
  context: InteractionContext,
  pending: Pending,
  decider: Decider,
  response: Response,
  error: ConsentPage['error'],
): Promise<void> {
  const page = await consentPage(context, pending, decider, { reader: readerOf(response), error });
  if (page.logo !== null) allowImagesOf(response, page.logo);
  context.pages.send(response, error === null ? 200 : 422, 'consent', page);
}
