/** A client built with one library, by what the library itself offers for each step. */
export interface Library {
  /** Begins a flow: where the browser is sent. */
  start(): Promise<string | URL>;
  /** Ends it, with where the browser came back. */
  exchange(callback: URL): Promise<Tokens>;
  refresh(refreshToken: string): Promise<Tokens>;
  /** The status of a GET with an access token. */
  get(accessToken: string, url: string): Promise<number>;
  /** The OAuth error code in what the library threw; undefined when it is none of its own errors. */
  errorCode(error: unknown): string | undefined;
}

export interface Tokens {
  accessToken: string;
  refreshToken: string;
}

/** The tokens as every library names them. Throws an Error when one is missing. */
export function tokensOf(answer: Readonly<Record<string, unknown>>): Tokens {
  const { access_token, refresh_token } = answer;
  if (typeof access_token !== 'string' || typeof refresh_token !== 'string')
    throw new Error(`no two tokens, but ${Object.keys(answer)}`);
  return { accessToken: access_token, refreshToken: refresh_token };
}
