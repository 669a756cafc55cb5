import { type PasswordLoginOutcome, Problem, passwordLoginOutcome, passwordLoginPath } from '#catalog';
import { firstPartyKey } from '#crypto';

const timeoutMs = 5_000;

/** What a person has typed, and the address that it came from. */
export interface PasswordLoginTry {
  email: string;
  password: string;
  address: string;
}

export type PasswordLoginClient = (entered: PasswordLoginTry) => Promise<PasswordLoginOutcome>;

/**
 * Asks the authorization server to sign somebody in: passwords are checked and tokens signed there alone. Problems:
 * `rate_limited` when there were too many tries, `unavailable` when that server doesn't answer within five seconds.
 */
export function passwordLoginClient({
  authUrl,
  encryptionKey,
}: {
  authUrl: string;
  encryptionKey: string;
}): PasswordLoginClient {
  const headers = { Authorization: `Bearer ${firstPartyKey(encryptionKey)}` };
  return async (entered) => {
    try {
      const response = await fetch(authUrl + passwordLoginPath, {
        method: 'POST',
        headers,
        body: new URLSearchParams({ ...entered }),
        redirect: 'error',
        signal: AbortSignal.timeout(timeoutMs),
      });
      if (response.status === 429) throw tooMany(Number(response.headers.get('Retry-After')));
      if (!response.ok) throw new Error(`the authorization server answered ${response.status}`);
      return passwordLoginOutcome.parse(await response.json());
    } catch (cause) {
      if (cause instanceof Problem) throw cause;
      const detail = 'The authorization server could not be asked.';
      throw new Problem('unavailable', detail, { cause, retryAfterSeconds: 5 });
    }
  };
}

function tooMany(retryAfterSeconds: number): Problem {
  return new Problem('rate_limited', 'There were too many sign-ins with a wrong password.', {
    retryAfterSeconds,
    mend: `Wait ${retryAfterSeconds} seconds.`,
  });
}
