import type { Request, Response } from 'express';
import { firstPartyClientId, type Mode, type Role, type Window } from '#catalog';
import type { KeyMaker, RequestRecord, SecretState } from '#store';

/** Whose credential a request carries, whether it is good or not. */
export type Sender = Pick<RequestRecord, 'organizationId' | 'mode' | 'keyId' | 'userId' | 'clientId'>;

/** Who sends a request, whatever the credential was: the same shape for an API key and an access token. */
export interface Caller {
  organizationId: string;
  plan: string;
  mode: Mode;
  /** What this request may do: already cut to what stands behind the credential right now. */
  scopes: readonly string[];
  /** What each of those who have a say in it allows; `scopes` is what all of them allow. */
  allowances: readonly Allowance[];
  /** The windows that its requests are counted in, and the name they are counted under. */
  windows: readonly Window[];
  countedAs: string;
  /** Lists of addresses and CIDR ranges, its organization's and its own: each that is not empty must have its address. */
  allowlists: readonly (readonly string[])[];
  credential: ApiKeyCaller | AccessTokenCaller | ClientCaller;
}

/** The scopes that one who has a say allows: the key, its maker's role, the token, the consent, the client, the role. */
export interface Allowance {
  by: 'key' | 'maker' | 'token' | 'consent' | 'client' | 'user';
  /** Of a maker or a user. */
  role?: Role;
  scopes: readonly string[];
}

export interface ApiKeyCaller extends KeyMaker {
  type: 'api_key';
  keyId: string;
  /** Which of the key's secrets was sent. */
  secretId: string;
  secretState: SecretState;
  expiresAt: string | null;
}

export interface AccessTokenCaller {
  type: 'access_token';
  userId: string;
  clientId: string;
  consentId: string;
  expiresAt: string;
}

/** A client with an access token in its own name: it acts as its organization, and there is no user. */
export interface ClientCaller {
  type: 'client';
  clientId: string;
  /** The user by whose right the client was made; null when it was the operator's. */
  createdBy: string | null;
  expiresAt: string;
}

const callers = new WeakMap<Response, Caller>();
const senders = new WeakMap<Response, Sender>();

export function setCaller(response: Response, caller: Caller): void {
  callers.set(response, caller);
}

export function setSender(response: Response, sender: Sender): void {
  senders.set(response, sender);
}

/** Whose credential came, as soon as a step has found that out; undefined when it is nobody's. */
export function senderOf(response: Response): Sender | undefined {
  return senders.get(response);
}

/** The caller that an earlier step has authenticated. */
export function callerOf(request: Request): Caller {
  const caller = request.res && callers.get(request.res);
  if (!caller) throw new Error('no step has authenticated this request');
  return caller;
}

/** The user whose right a request uses; null for a key that the operator made, and for a client in its own name. */
export function userOf({ credential }: Caller): string | null {
  switch (credential.type) {
    case 'api_key':
      return credential.createdBy;
    case 'access_token':
      return credential.userId;
    case 'client':
      return null;
  }
}

/**
 * By whose right the caller makes a key, which stays bound to it; of a client, that of its maker, too. The product's own programs
 * act for nobody but their user.
 */
export function makerOf({ credential }: Caller): KeyMaker {
  switch (credential.type) {
    case 'api_key': {
      const { createdBy, clientId, consentId } = credential;
      return { createdBy, clientId, consentId };
    }
    case 'access_token': {
      const { userId: createdBy, clientId, consentId } = credential;
      return clientId === firstPartyClientId
        ? { createdBy, clientId: null, consentId: null }
        : { createdBy, clientId, consentId };
    }
    case 'client':
      return { createdBy: credential.createdBy, clientId: credential.clientId, consentId: null };
  }
}
