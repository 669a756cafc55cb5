import type { FindAccount } from 'oidc-provider';
import { type Database, findAccessTokenCredential, findUser } from '#store';

/**
 * The person that a session, a code or a token is about, with the claims that the scopes `profile` and `email`
 * show. Undefined, which oidc-provider takes for an invalid grant, when the user is gone, or when what stands
 * behind the code or token is: its grant, the consent, the client or the membership.
 */
export function findAccount(db: Database): FindAccount {
  return async (_ctx, userId, token) => {
    const user = await findUser(db.pipeline, userId);
    if (!user) return undefined;
    const grantId = token && 'grantId' in token ? token.grantId : undefined;
    if (grantId !== undefined && !(await isGrantAlive(db, grantId))) return undefined;
    return {
      accountId: user.id,
      claims: () => ({ sub: user.id, name: user.name, email: user.email }),
    };
  };
}

/** Whether a grant, its consent, its client and its user's membership all still stand. */
export async function isGrantAlive(db: Database, grantId: string): Promise<boolean> {
  return (await findAccessTokenCredential(db.pipeline, grantId, '')) !== null;
}
