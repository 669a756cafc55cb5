import express, { type ErrorRequestHandler } from 'express';
import passport from 'passport';
import OAuth2Strategy from 'passport-oauth2';
import { serve } from '../../support/serve.ts';
import { type Library, type Tokens, tokensOf } from '../library.ts';
import type { ClientSetting } from '../servers.ts';

/** An Express app with the strategy in front of its one route: a confidential client with PKCE and a state. */
export async function passportOauth2(setting: ClientSetting): Promise<Library> {
  const strategy = new Strategy(setting);
  const guard = new passport.Passport().use(strategy).authenticate('oauth2', { session: false });
  const session = {};
  let thrown: unknown;
  const keepError: ErrorRequestHandler = (error, _request, response, _next) => {
    thrown = error;
    response.status(500).end();
  };
  const origin = await serve(
    express()
      .use((request, _response, next) => {
        Object.assign(request, { session });
        next();
      })
      .get('/callback', guard, (request, response) => void response.json(request.user))
      .use(keepError),
  );
  const visit = (query: string) => fetch(`${origin}/callback${query}`, { redirect: 'manual' });
  return {
    start: async () => (await visit('')).headers.get('location') ?? '',
    async exchange({ search }) {
      const answer = await visit(search);
      if (!answer.ok) throw thrown;
      return tokensOf(await answer.json());
    },
    refresh: (refreshToken) => strategy.refresh(refreshToken),
    get: (accessToken, url) => strategy.get(accessToken, url),
    errorCode: (error) => (error instanceof OAuth2Strategy.TokenError ? error.code : undefined),
  };
}

/** Passport leaves refreshing and calls to a subclass and the client in `_oauth2`, as strategies of vendors have it. */
class Strategy extends OAuth2Strategy {
  constructor({ authUrl, clientId, clientSecret, redirectUri }: ClientSetting) {
    super(
      {
        authorizationURL: `${authUrl}/oauth/authorize`,
        tokenURL: `${authUrl}/oauth/token`,
        clientID: clientId,
        clientSecret,
        callbackURL: redirectUri,
        scope: 'devices:read',
        state: true,
        pkce: true,
      },
      (access_token: string, refresh_token: string, _profile: unknown, done: OAuth2Strategy.VerifyCallback) =>
        done(null, { access_token, refresh_token }),
    );
    this._oauth2.useAuthorizationHeaderforGET(true);
  }

  refresh(refreshToken: string) {
    return new Promise<Tokens>((done, fail) => {
      const grant = { grant_type: 'refresh_token' };
      this._oauth2.getOAuthAccessToken(refreshToken, grant, (error, access_token, refresh_token) => {
        if (!error) done(tokensOf({ access_token, refresh_token }));
        else fail('data' in error ? this.parseErrorResponse(error.data, error.statusCode) : error);
      });
    });
  }

  get(accessToken: string, url: string) {
    return new Promise<number>((done, fail) => {
      this._oauth2.get(url, accessToken, (error, _body, response) => {
        const status = error ? error.statusCode : response?.statusCode;
        if (status === undefined) fail(error);
        else done(status);
      });
    });
  }
}
