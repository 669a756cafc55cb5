import type { Request, Response } from 'express';
import { planHasOauth } from '#catalog';
import {
  type Consent,
  findConsent,
  findLatestConsent,
  findOrganization,
  listMembershipsOfUser,
} from '#store';
import { apiScopesOf, claimedNameOf, organizationOf } from '../client-metadata.ts';
import { messages, type Reader } from '../language.ts';
import type { Messages } from '../messages/en.ts';
import { offerScopes, type ScopeOffer } from '../scope-offer.ts';
import { type ShownScope, showScope } from '../scope-words.ts';
import { findSignedIn, type SignedIn } from '../session.ts';
import { type Client, type InteractionContext, nameOf, type Pending } from './interaction.ts';

/** What the consent page shows. */
export interface ConsentPage {
  action: string;
  clientName: string;
  /** The organization that made the app; null when it describes itself. */
  maker: string | null;
  /** What an app that describes itself wants to be called, and its URL. */
  claimed: { name: string; url: string } | null;
  /** Its picture, from wherever its maker keeps it. */
  logo: string | null;
  /** What its maker says about it elsewhere. */
  links: readonly { href: string; text: string }[];
  /** The host that the browser goes back to; null when the app is on another device. */
  returnHost: string | null;
  email: string;
  organization: { id: string; name: string; role: string };
  /** Whether the user could choose another organization. */
  canChange: boolean;
  /** What the user decides about now. */
  choices: readonly (ShownScope & { checked: boolean; required: boolean })[];
  /** What the user allowed before. */
  granted: readonly ShownScope[];
  /** What the user's role doesn't allow. */
  refused: readonly ShownScope[];
  error: string | null;
}

/** Who decides, and in which organization. */
export interface Decider {
  signedIn: SignedIn;
  organization: { id: string; name: string; role: string };
  memberships: Awaited<ReturnType<typeof listMembershipsOfUser>>;
  consent: Consent | null;
  offers: readonly ScopeOffer[];
}

/** The scope that a sign-in by OpenID Connect is about; without it there is nothing to agree to. */
export const requiredScope = 'openid';

/**
 * Where the signed-in user stands; null when the sign-in that the page was opened with counts no more. The organization is
 * `organizationId` when the user is a member of it, else that of the last decision about this client while that stands,
 * else the only one; null when the user still has to choose, or has none. Only organizations with OAuth in their plan
 * count; `withoutOauth` are the user's others.
 */
export async function findDecider(
  context: InteractionContext,
  { interaction, client, params }: Pending,
  organizationId: string | null,
  request: Request,
  response: Response,
): Promise<{
  signedIn: SignedIn;
  memberships: Decider['memberships'];
  withoutOauth: Decider['memberships'];
  decider: Decider | null;
} | null> {
  const { product, db } = context;
  const signedIn = await findSignedIn(context, request, response);
  if (!signedIn || signedIn.user.id !== interaction.session?.accountId) return null;
  const { user } = signedIn;
  const all = await listMembershipsOfUser(db, user.id);
  const memberships = all.filter(({ plan }) => planHasOauth(product, plan));
  const latest = await findLatestConsent(db, user.id, client.clientId);
  const remembered = latest?.asksAgain ? null : latest?.organizationId;
  const wanted = organizationId ?? remembered ?? null;
  const membership =
    memberships.find((one) => one.organizationId === wanted) ??
    (memberships.length === 1 ? memberships[0] : undefined);
  const withoutOauth = all.filter(({ plan }) => !planHasOauth(product, plan));
  if (!membership) return { signedIn, memberships, withoutOauth, decider: null };

  const organization = {
    id: membership.organizationId,
    name: membership.organizationName,
    role: membership.role,
  };
  const consent = await findConsent(db, {
    userId: user.id,
    clientId: client.clientId,
    organizationId: organization.id,
  });
  const offers = offerScopes(product, {
    requested: params.scope.split(' '),
    clientScopes: apiScopesOf(client),
    role: membership.role,
    consent,
  });
  const decider = { signedIn, organization, memberships, consent, offers };
  return { signedIn, memberships, withoutOauth, decider };
}

/** Those that the page asks about: all that the role allows when the client wants to ask again, else the new ones. */
export function choicesOf({ params }: Pending, offers: readonly ScopeOffer[]): ScopeOffer[] {
  const asksAgain = params.prompt?.split(' ').includes('consent') ?? false;
  return offers.filter(({ state }) => state !== 'refused' && (asksAgain || state !== 'granted'));
}

export async function consentPage(
  { product, db }: InteractionContext,
  pending: Pending,
  decider: Decider,
  { reader: { language }, error }: { reader: Pick<Reader, 'language'>; error: string | null },
): Promise<ConsentPage> {
  const { client, action, params } = pending;
  const choices = choicesOf(pending, decider.offers);
  const inWords = (offers: readonly ScopeOffer[]) =>
    offers.map(({ scope }) => showScope(product, language, scope));
  const makerId = organizationOf(client);
  const maker = makerId === null ? null : await findOrganization(db, makerId);
  const claimedName = claimedNameOf(client);
  return {
    action,
    clientName: nameOf(client),
    maker: maker?.name ?? null,
    claimed: claimedName === null ? null : { name: claimedName, url: client.clientId },
    logo: client.logoUri ?? null,
    links: linksOf(client, messages[language].consent.links),
    returnHost: params.redirect_uri === undefined ? null : new URL(params.redirect_uri).host,
    email: decider.signedIn.user.email,
    organization: decider.organization,
    canChange: decider.memberships.length > 1,
    choices: choices.map(({ scope, state }) => ({
      ...showScope(product, language, scope),
      checked: state !== 'declined',
      required: scope === requiredScope,
    })),
    granted: inWords(decider.offers.filter((offer) => offer.state === 'granted' && !choices.includes(offer))),
    refused: inWords(decider.offers.filter(({ state }) => state === 'refused')),
    error,
  };
}

function linksOf(
  { clientUri, policyUri, tosUri }: Client,
  { website, privacy, terms }: Messages['consent']['links'],
): ConsentPage['links'] {
  const links = [
    { href: clientUri, text: website },
    { href: policyUri, text: privacy },
    { href: tosUri, text: terms },
  ];
  return links.flatMap(({ href, text }) => (href === undefined ? [] : [{ href, text }]));
}
