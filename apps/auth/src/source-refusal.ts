import type { AdapterPayload, TokenEndpointGrantContext } from 'oidc-provider';
import { grantEnds, type Product, planHasOauth } from '#catalog';
import type { TokenSource } from '#store';
import { userPlanRefusal } from './plan-refusal.ts';
import type { Refusal } from './refusal.ts';

const again = 'Let the user authorize the client again.';

/** Why a code or refresh token gives nothing, in itself or in this request; null when nothing speaks against it. */
export function sourceRefusal(
  product: Product,
  what: string,
  {
    payload,
    grantPayload,
    grantEndedAt,
    grantEndedReason,
    isExpired,
    expiresAt,
    standing,
  }: TokenSource<AdapterPayload>,
  { oidc: { client, params } }: TokenEndpointGrantContext,
): Refusal | null {
  if (payload.clientId !== client.clientId) {
    const mend = 'Each client must use its own; if it never saw this one, somebody copied it.';
    return { rule: 'wrong_client', detail: `The ${what} was given to another client.`, mend };
  }
  if (grantEndedAt !== null && grantEndedReason !== null) {
    const detail = `The grant ended at ${grantEndedAt}: ${grantEnds[grantEndedReason]}.`;
    return { rule: 'grant_ended', detail, mend: again };
  }
  if (isExpired) return { rule: 'expired', detail: `The ${what} expired at ${expiresAt}.`, mend: again };
  if (!grantPayload || !standing) {
    const detail = `What the ${what} was given on is gone: the grant, the consent or the membership.`;
    return { rule: 'grant_gone', detail, mend: again };
  }
  if (!planHasOauth(product, standing.plan)) return userPlanRefusal(product);
  const { redirect_uri: sent } = params;
  if (what === 'code' && sent !== undefined && sent !== payload.redirectUri) {
    return {
      rule: 'wrong_redirect_uri',
      detail: `The code was given for the redirect URI ${payload.redirectUri}, and the request has another one.`,
      mend: 'Send the redirect URI of the authorization request.',
    };
  }
  return null;
}

/** Of a code or refresh token that is in no row. */
export function unknownSource(what: string): Refusal {
  const detail = `The ${what} is unknown: it was never given, or it expired and nothing is kept of it.`;
  return { rule: 'unknown', detail, mend: again };
}

/** Of a code or refresh token that was used before, which ended its grant. */
export function reusedSource(what: string, consumedAt: string): Refusal {
  return {
    rule: 'reused',
    detail: `The ${what} was used at ${consumedAt} already. Its grant has ended, since one of the two may be a thief.`,
    mend: `Use each ${what} once, and keep what it gave. ${again}`,
  };
}

/** Of a refresh token that its own client used half a minute ago at most, and for something else. */
export function repeatedOtherwise(consumedAt: string): Refusal {
  return {
    rule: 'repeated_otherwise',
    detail: `The refresh token was used at ${consumedAt} for another scope or resource.`,
    mend: 'Send the same parameters to get the same answer again, or use the refresh token that it has.',
  };
}
