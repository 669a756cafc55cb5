import { generateRegistrationOptions, verifyRegistrationResponse } from '@simplewebauthn/server';
import { z } from 'zod';
import { insertPasskey, listPasskeys, lockFactors } from '#store';
import { makeChallenge, useChallenge } from './passkey-challenge.ts';
import { parseCredential } from './passkey-json.ts';
import { afterAdding } from './recovery-codes.ts';
import type { ChangingOwner, SecondFactors } from './second-factors.ts';

/** So many are enough for anyone, and keep the pages short. */
export const maxPasskeys = 20;

const registration = z.object({
  id: z.string(),
  rawId: z.string(),
  type: z.literal('public-key'),
  response: z.object({
    clientDataJSON: z.string(),
    attestationObject: z.string(),
    transports: z.array(z.string().max(32)).max(16).default([]),
  }),
});

/** What `navigator.credentials.create` is to be called with, as JSON; null where there can be no passkeys. */
export async function passkeyCreation(
  context: SecondFactors,
  user: { id: string; email: string; name: string },
): Promise<string | null> {
  const { db, relyingParty } = context;
  if (!relyingParty) return null;
  const known = await listPasskeys(db, user.id);
  const options = await generateRegistrationOptions({
    rpName: relyingParty.name,
    rpID: relyingParty.id,
    userName: user.email,
    userDisplayName: user.name,
    userID: new TextEncoder().encode(user.id),
    challenge: makeChallenge(context, `add ${user.id}`),
    excludeCredentials: known.map(({ credentialId, transports }) => ({ id: credentialId, transports })),
    authenticatorSelection: { residentKey: 'preferred', userVerification: 'preferred' },
    timeout: 300_000,
  });
  return JSON.stringify(options);
}

/**
 * Adds the passkey that an authenticator has made. Returns new recovery codes when it is the first factor, else none; null when
 * what came is none for this user and this server, or there already.
 */
export async function addPasskey(
  context: SecondFactors,
  owner: ChangingOwner,
  { name, credential }: { name: string; credential: string },
): Promise<{ recoveryCodes: string[]; synced: boolean } | null> {
  const made = await verify(context, owner.id, credential);
  if (!made) return null;
  const { counter, id: credentialId, publicKey, transports = [] } = made.credential;
  const synced = made.credentialDeviceType === 'multiDevice';
  return context.db.transaction(async (tx) => {
    await lockFactors(tx, owner.id);
    if ((await listPasskeys(tx, owner.id)).length >= maxPasskeys) return null;
    const passkey = { credentialId, publicKey: Buffer.from(publicKey), counter, transports, synced, name };
    if (!(await insertPasskey(tx, { userId: owner.id, ...passkey }))) return null;
    return { ...(await afterAdding(context, tx, owner, { factor: 'passkey', name })), synced };
  });
}

async function verify(context: SecondFactors, userId: string, credential: string) {
  const { relyingParty } = context;
  const response = parseCredential(registration, credential);
  if (!relyingParty || !response) return null;
  try {
    const { verified, registrationInfo } = await verifyRegistrationResponse({
      response: { ...response, clientExtensionResults: {} },
      expectedChallenge: (challenge) => useChallenge(context, `add ${userId}`, challenge),
      expectedOrigin: relyingParty.origin,
      expectedRPID: relyingParty.id,
      requireUserVerification: false,
    });
    return verified ? registrationInfo : null;
  } catch {
    // The library throws for whatever is wrong with it.
    return null;
  }
}
