import type { Request, Response } from 'express';
import { type AppPolicy, appDeciders } from '#catalog';
import { clientAddress, requestIdOf } from '#http';
import {
  countWaitingAppRequests,
  findAppStanding,
  findLatestAppRequest,
  findOrganization,
  insertAppRequest,
  insertAuditEntry,
  listMemberEmails,
  lockMember,
  upsertDescribedClient,
} from '#store';
import { claimedNameOf, organizationOf } from '../client-metadata.ts';
import { dayOf } from '../dates.ts';
import { requireForm } from '../form.ts';
import { messagesOf, readerOf } from '../language.ts';
import { isStillSignedIn } from '../session.ts';
import { type Decider, findDecider } from './consent-page.ts';
import { askToSignIn, type InteractionContext, loadPending, nameOf, type Pending } from './interaction.ts';

const maxMessage = 500;
/** How many requests of one member may wait in an organization: each sends mails. */
const maxWaiting = 20;

/** What a member sees of an app that may not be connected, or not yet. */
export interface AppApprovalPage {
  action: string;
  clientName: string;
  maker: string | null;
  claimed: { name: string; url: string } | null;
  email: string;
  organization: { id: string; name: string };
  canChange: boolean;
  /** `ask` has a form; `pending` waits for an administrator; with `full`, too many others do. */
  state: 'denied' | 'ask' | 'pending' | 'full';
  /** The day of the request that waits, or was refused, in words; null when there is none. */
  askedOn: string | null;
  /** Where the user decides about it, as an administrator. */
  decidePath: string | null;
  message: string;
  maxMessage: number;
  maxWaiting: number;
  error: string | null;
}

/** Whether the app may be connected where the decider stands. */
export function standingOf(
  { db }: InteractionContext,
  { client }: Pending,
  { organization }: Decider,
): Promise<AppPolicy> {
  return findAppStanding(db, { organizationId: organization.id, clientId: client.clientId });
}

/** Shows why the app can't be connected now, and what the user can do about it. */
export async function sendApprovalPage(
  { db, pages }: InteractionContext,
  { client, action }: Pending,
  { signedIn: { user }, organization, memberships }: Decider,
  response: Response,
  { standing, message = '', error = null }: { standing: AppPolicy; message?: string; error?: string | null },
): Promise<void> {
  const member = { organizationId: organization.id, userId: user.id };
  const request = await findLatestAppRequest(db, { ...member, clientId: client.clientId });
  const waits = request?.state === 'pending';
  const isFull = (await countWaitingAppRequests(db, member)) >= maxWaiting;
  const isAnswered = standing === 'denied' ? request?.state === 'denied' : waits;
  const makerId = organizationOf(client);
  const maker = makerId === null ? null : await findOrganization(db, makerId);
  const claimedName = claimedNameOf(client);
  const decides = appDeciders.some((role) => role === organization.role);
  const query = new URLSearchParams({ organization: organization.id });
  pages.send(response, error === null ? 200 : 422, 'app-approval', {
    action,
    clientName: nameOf(client),
    maker: maker?.name ?? null,
    claimed: claimedName === null ? null : { name: claimedName, url: client.clientId },
    email: user.email,
    organization: { id: organization.id, name: organization.name },
    canChange: memberships.length > 1,
    state: standing === 'denied' ? 'denied' : waits ? 'pending' : isFull ? 'full' : 'ask',
    askedOn: request && isAnswered ? dayOf(readerOf(response).language, request.createdAt) : null,
    decidePath: decides ? `/account/organization-apps?${query}` : null,
    message,
    maxMessage,
    maxWaiting,
    error,
  });
}

/**
 * Takes a member's request for an app: those who decide get a mail. A second one while the first waits changes nothing, and
 * neither does one beside too many others.
 */
export async function askForApp(
  context: InteractionContext,
  request: Request<{ uid: string }>,
  response: Response,
): Promise<void> {
  const pending = await loadPending(context, request, response);
  const form = requireForm(request);
  const organizationId = form.get('organization');
  const found = await findDecider(context, pending, organizationId, request, response);
  if (!found) return askToSignIn(context, request, response);
  const { decider } = found;
  const back = `${pending.action}?${new URLSearchParams({ organization: organizationId ?? '' })}`;
  if (pending.interaction.prompt.name !== 'consent' || decider?.organization.id !== organizationId) {
    return response.redirect(303, pending.action);
  }
  const standing = await standingOf(context, pending, decider);
  if (standing !== 'approval') return response.redirect(303, back);

  const message = (form.get('message') ?? '').trim();
  if (message.length > maxMessage) {
    const error = messagesOf(response).apps.approval.tooLong(maxMessage);
    return sendApprovalPage(context, pending, decider, response, { standing, message, error });
  }
  await insertRequest(context, pending, decider, message, request, response);
  response.redirect(303, back);
}

async function insertRequest(
  { db, documents, sendMail }: InteractionContext,
  { client }: Pending,
  { signedIn, organization }: Decider,
  message: string,
  request: Request,
  response: Response,
): Promise<void> {
  const described = organizationOf(client) === null ? await documents?.find(client.clientId) : undefined;
  const { user } = signedIn;
  await db.transaction(async (tx) => {
    if (!(await isStillSignedIn(tx, signedIn))) return;
    const member = { organizationId: organization.id, userId: user.id };
    const pair = { organizationId: organization.id, clientId: client.clientId };
    // Whoever decides meanwhile waits for this, or this for the decision.
    if ((await findAppStanding(tx, pair, { hold: true })) !== 'approval') return;
    await lockMember(tx, organization.id, user.id);
    if ((await countWaitingAppRequests(tx, member)) >= maxWaiting) return;
    if (described) await upsertDescribedClient(tx, client.clientId, described);
    const made = await insertAppRequest(tx, { ...pair, userId: user.id, message });
    if (!made) return;
    const deciders = await listMemberEmails(tx, organization.id, { roles: appDeciders, userId: null });
    const data = { app: made.clientName, organization: organization.name, person: user.email, message };
    for (const to of deciders) {
      await sendMail(tx, {
        to,
        language: readerOf(response).language,
        about: { kind: 'app_requested', data },
        path: `/account/organization-apps?${new URLSearchParams({ organization: organization.id })}`,
      });
    }
    await insertAuditEntry(tx, {
      organizationId: organization.id,
      mode: 'live',
      actorType: 'user',
      actorId: user.id,
      action: 'app_request.created',
      targetType: 'app_request',
      targetId: made.id,
      before: null,
      after: { client_id: client.clientId, message },
      requestId: requestIdOf(response),
      ipAddress: clientAddress(request),
    });
  });
}
