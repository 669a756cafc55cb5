import { hashSecret } from '#crypto';
import { useProof } from '#store';
import type { SecondFactors } from './second-factors.ts';

/** As long as a page with a passkey may stay open. */
const challengeSeconds = 3_600;

/** What a challenge is for: one for one thing is none for another, nor for another user. */
export type ChallengePurpose = `add ${string}` | `confirm ${string}` | 'sign in';

const boxPurpose = (purpose: ChallengePurpose) => `passkey challenge: ${purpose}`;

/** A challenge for an authenticator to sign. It is sealed, so that nothing is stored before it comes back. */
export function makeChallenge({ box }: SecondFactors, purpose: ChallengePurpose): Uint8Array<ArrayBuffer> {
  const expiresAt = Date.now() + challengeSeconds * 1000;
  return Uint8Array.from(box.seal(String(expiresAt), boxPurpose(purpose)));
}

/** Whether a challenge in base64url is one that {@link makeChallenge} made for this purpose, and new: it is used up. */
export async function useChallenge(
  { db, box }: SecondFactors,
  purpose: ChallengePurpose,
  challenge: string,
): Promise<boolean> {
  try {
    const expiresAt = Number(box.open(Buffer.from(challenge, 'base64url'), boxPurpose(purpose)));
    if (expiresAt < Date.now()) return false;
  } catch {
    return false;
  }
  return useProof(db, `passkey ${hashSecret(challenge).toString('base64url')}`, challengeSeconds);
}
