import { z } from 'zod';
import { connections, type Sent } from './alternate.ts';
import type { Server } from './start-server.ts';

/** An authorization server that is measured. */
export interface Issuer {
  name: string;
  server: Server;
  tokenPath: string;
  client: { id: string; secret: string };
  /** Codes of as many grants, which none has used yet, for a client that brings {@link verifier}. */
  codes: (count: number) => Promise<string[]>;
  redirectUri: string;
  /** What else its token requests need. */
  extra: Readonly<Record<string, string>>;
}

export const verifier = 'a-verifier-that-is-long-enough-for-all-of-them';

const tokens = z.object({ access_token: z.string(), refresh_token: z.string().optional() });

/** One request to the token endpoint. Throws an Error with the answer when it is refused. */
export async function requestTokens(issuer: Issuer, form: Readonly<Record<string, string>>) {
  const { server, tokenPath, client, extra } = issuer;
  const response = await fetch(server.origin + tokenPath, {
    method: 'POST',
    body: new URLSearchParams({ client_id: client.id, client_secret: client.secret, ...extra, ...form }),
  });
  if (response.status !== 200) throw new Error(`${issuer.name} answered ${await response.text()}`);
  return tokens.parse(await response.json());
}

export function exchangeCode(issuer: Issuer, code: string) {
  const { redirectUri } = issuer;
  const grant = { grant_type: 'authorization_code', code };
  return requestTokens(issuer, { ...grant, redirect_uri: redirectUri, code_verifier: verifier });
}

/** Runs `step` in as many lanes as there are connections, until it says that there is nothing more. */
export async function inLanes(step: (lane: number) => Promise<boolean>): Promise<Sent> {
  const latenciesMs: number[] = [];
  const startedAt = performance.now();
  const lane = async (number: number) => {
    for (;;) {
      const sentAt = performance.now();
      if (!(await step(number))) return;
      latenciesMs.push(performance.now() - sentAt);
    }
  };
  await Promise.all(Array.from({ length: connections }, (_, number) => lane(number)));
  const seconds = (performance.now() - startedAt) / 1_000;
  latenciesMs.sort((a, b) => a - b);
  const atShare = (share: number) => latenciesMs[Math.floor(latenciesMs.length * share)] ?? 0;
  return { requests: latenciesMs.length, seconds, p50Ms: atShare(0.5), p99Ms: atShare(0.99) };
}
