import { verifyAuthenticationResponse } from '@simplewebauthn/server';
import { z } from 'zod';
import { findPasskey, listPasskeys, type Passkey, usePasskey } from '#store';
import { type ChallengePurpose, makeChallenge, useChallenge } from './passkey-challenge.ts';
import { parseCredential } from './passkey-json.ts';
import type { SecondFactors } from './second-factors.ts';

const authentication = z.object({
  id: z.string(),
  rawId: z.string(),
  type: z.literal('public-key'),
  response: z.object({
    clientDataJSON: z.string(),
    authenticatorData: z.string(),
    signature: z.string(),
    userHandle: z.string().optional(),
  }),
});

/** A passkey that was just used. */
export interface UsedPasskey {
  userId: string;
  /** Its method by RFC 8176: a key in hardware, or one that is synced in software. */
  method: 'hwk' | 'swk';
}

/**
 * What `navigator.credentials.get` is to be called with, as JSON: for one of a user's passkeys, or for any that its holder
 * chooses, who must then be verified by the authenticator. Null where there is no passkey to use.
 */
export async function passkeyRequest(context: SecondFactors, userId: string | null): Promise<string | null> {
  const { db, relyingParty } = context;
  if (!relyingParty) return null;
  const known = userId === null ? [] : await listPasskeys(db, userId);
  if (userId !== null && known.length === 0) return null;
  const challenge = makeChallenge(context, userId === null ? 'sign in' : `confirm ${userId}`);
  return JSON.stringify({
    challenge: Buffer.from(challenge).toString('base64url'),
    rpId: relyingParty.id,
    timeout: 300_000,
    userVerification: userId === null ? 'required' : 'preferred',
    allowCredentials: known.map(({ credentialId: id, transports }) => ({
      type: 'public-key',
      id,
      transports,
    })),
  });
}

/** The user's passkey that a credential shows the use of; null when it is none, or was shown before. */
export function checkPasskey(
  context: SecondFactors,
  userId: string,
  credential: string,
): Promise<UsedPasskey | null> {
  return check(context, credential, {
    purpose: `confirm ${userId}`,
    isVerified: false,
    belongs: (passkey) => passkey.userId === userId,
  });
}

/** Whoever a credential shows, verified by its authenticator: that is a whole sign-in. */
export function checkPasskeyAlone(context: SecondFactors, credential: string): Promise<UsedPasskey | null> {
  return check(context, credential, {
    purpose: 'sign in',
    isVerified: true,
    belongs: ({ userId }, handle) => handle === Buffer.from(userId).toString('base64url'),
  });
}

async function check(
  context: SecondFactors,
  credential: string,
  {
    purpose,
    isVerified,
    belongs,
  }: {
    purpose: ChallengePurpose;
    isVerified: boolean;
    belongs(passkey: Passkey, userHandle: string | undefined): boolean;
  },
): Promise<UsedPasskey | null> {
  const { db, relyingParty } = context;
  const response = parseCredential(authentication, credential);
  const passkey = response && (await findPasskey(db, response.id));
  if (!relyingParty || !passkey || !belongs(passkey, response.response.userHandle)) return null;
  const { credentialId: id, publicKey, counter } = passkey;
  try {
    const { userHandle: _, ...signed } = response.response;
    const { verified, authenticationInfo } = await verifyAuthenticationResponse({
      response: { ...response, response: signed, clientExtensionResults: {} },
      expectedChallenge: (challenge) => useChallenge(context, purpose, challenge),
      expectedOrigin: relyingParty.origin,
      expectedRPID: relyingParty.id,
      credential: { id, publicKey: Uint8Array.from(publicKey), counter },
      requireUserVerification: isVerified,
    });
    if (!verified || !(await usePasskey(db, passkey.id, authenticationInfo.newCounter))) return null;
  } catch {
    // The library throws for whatever is wrong with it.
    return null;
  }
  return { userId: passkey.userId, method: passkey.synced ? 'swk' : 'hwk' };
}
