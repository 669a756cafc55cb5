import type { Request, Response } from 'express';
import type { Mode, Window } from '#catalog';
import type { SecretState } from '#store';

/** Who sends a request, whatever the credential was: the same shape for an API key and an access token. */
export interface Caller {
  organizationId: string;
  plan: string;
  mode: Mode;
  /** What this request may do: already cut to what stands behind the credential right now. */
  scopes: readonly string[];
  /** The windows that its requests are counted in, and the name they are counted under. */
  windows: readonly Window[];
  countedAs: string;
  /** Lists of addresses and CIDR ranges, its organization's and its own: each that is not empty must have its address. */
  allowlists: readonly (readonly string[])[];
  credential: ApiKeyCaller | AccessTokenCaller;
}

export interface ApiKeyCaller {
  type: 'api_key';
  keyId: string;
  /** Which of the key's secrets was sent. */
  secretId: string;
  secretState: SecretState;
  /** The user by whose right the key was made. */
  createdBy: string | null;
  expiresAt: string | null;
}

export interface AccessTokenCaller {
  type: 'access_token';
  userId: string;
  clientId: string;
  expiresAt: string;
}

const callers = new WeakMap<Response, Caller>();

export function setCaller(response: Response, caller: Caller): void {
  callers.set(response, caller);
}

/** The caller that an earlier step has authenticated. */
export function callerOf(request: Request): Caller {
  const caller = request.res && callers.get(request.res);
  if (!caller) throw new Error('no step has authenticated this request');
  return caller;
}

/** The user whose right a request uses, or null for a key that the operator made. */
export function userOf({ credential }: Caller): string | null {
  return credential.type === 'api_key' ? credential.createdBy : credential.userId;
}
