import type { User } from '#store';

/** How somebody has proved to be the one (RFC 8176), as it stands in sessions and ID tokens. */
export type Methods = readonly string[];

/** What `acr` says of a sign-in with one factor and with two: the REFEDS profiles, which many relying parties know. */
export const acrValues = {
  oneFactor: 'https://refeds.org/profile/sfa',
  twoFactors: 'https://refeds.org/profile/mfa',
} as const;

export function acrOf(amr: Methods): string {
  return amr.includes('mfa') ? acrValues.twoFactors : acrValues.oneFactor;
}

/**
 * Whether methods are enough to be signed in as a user: one who has a second factor needs two, on whatever way the session
 * came to be.
 */
export function isEnough({ hasSecondFactor }: Pick<User, 'hasSecondFactor'>, amr: Methods): boolean {
  return !hasSecondFactor || amr.includes('mfa');
}
