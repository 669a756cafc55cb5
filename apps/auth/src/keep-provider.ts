import type Provider from 'oidc-provider';
import type { Logger } from '#http';
import type { Keys } from './signing-keys.ts';

const lookEveryMs = 2_000;

/** The Provider of this moment: its keys are fixed when it is made, so other keys make another one. */
export interface ProviderKeeper {
  readonly provider: Provider;
  /** Looks for new keys no more. */
  close(): void;
}

/**
 * Makes a Provider from the keys that `load` gives, and looks every two seconds whether they have changed. While they
 * can't be loaded the last ones stay: a new key is published for an hour before it signs. Throws what the first
 * `load` throws.
 */
export async function keepProvider(
  load: () => Promise<Keys>,
  make: (keys: Keys) => Provider,
  logger: Logger,
): Promise<ProviderKeeper> {
  let keys = await load();
  let provider = make(keys);
  let looking = false;
  let failing = false;

  async function look(): Promise<void> {
    const loaded = await load();
    if (JSON.stringify(loaded) === JSON.stringify(keys)) return;
    provider = make(loaded);
    keys = loaded;
    logger.info({ signs: keys.signing[0]?.kid, published: keys.signing.length }, 'other signing keys');
  }

  const timer = setInterval(() => {
    if (looking) return;
    looking = true;
    look()
      .then(
        () => {
          failing = false;
        },
        (error) => {
          // One line is enough for all the time that PostgreSQL is away.
          if (!failing) logger.warn({ err: error }, 'the signing keys could not be looked at');
          failing = true;
        },
      )
      .finally(() => {
        looking = false;
      });
  }, lookEveryMs).unref();

  return {
    get provider() {
      return provider;
    },
    close: () => clearInterval(timer),
  };
}
