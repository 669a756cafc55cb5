import type { IncomingMessage } from 'node:http';
import type { Request, RequestHandler, Router } from 'express';
import { type Language, languages } from '#catalog';
import { setUserLanguage } from '#store';
import { formOf } from './form.ts';
import { formRouter } from './form-router.ts';
import { localPath } from './local-path.ts';
import { en, type Messages } from './messages/en.ts';
import { fr } from './messages/fr.ts';
import { findSignedIn, type SessionContext } from './session.ts';

export const messages: Readonly<Record<Language, Messages>> = { en, fr };

/** What a language calls itself. */
export const languageNames: Readonly<Record<Language, string>> = { en: 'English', fr: 'Français' };

const cookie = 'language';
const chosen = new RegExp(`(?:^|;\\s*)${cookie}=(${languages.join('|')})(?:;|$)`);
const yearMs = 365 * 86_400_000;

/** For whom an answer is written. */
export interface Reader {
  language: Language;
  /** The path, with its query, of the page: for a form, of the page that it stands on. */
  page: string;
  /** The e-mail address of whoever had to be signed in for it; each such page shows the way to sign out. */
  signedInAs: string | null;
}

const readers = new WeakMap<object, Reader>();

/**
 * Decides in which language a request is answered: the reader's own choice, else what the app asks for (`ui_locales`,
 * OpenID Connect Core 1.0 §3.1.2.1), else the browser's, else English.
 */
export function readLanguage(): RequestHandler {
  return (request, response, next) => {
    const { ui_locales } = request.query;
    readers.set(response, {
      language: languageFor(request, typeof ui_locales === 'string' ? ui_locales : ''),
      // A form's own path, but for the forms of an interaction.
      page: request.originalUrl.replace(/^(\/interaction\/[^/?]+)\/.*/, '$1'),
      signedInAs: null,
    });
    next();
  };
}

/** Decides it anew for a page of an authorization request, which may have brought `ui_locales`. */
export function heedLocales(request: Request, response: object, uiLocales: string | undefined): void {
  if (uiLocales !== undefined) readerOf(response).language = languageFor(request, uiLocales);
}

/** The reader of an answer, which oidc-provider has as `ctx.res`. */
export function readerOf(response: object): Reader {
  const reader = readers.get(response);
  if (!reader) throw new Error('readLanguage has not seen this request');
  return reader;
}

/** The words of the pages in the language of an answer. */
export function messagesOf(response: object): Messages {
  return messages[readerOf(response).language];
}

function languageFor(request: Request, uiLocales: string): Language {
  return (
    known(chosenIn(request)) ??
    firstKnown(uiLocales) ??
    known(request.acceptsLanguages([...languages])) ??
    'en'
  );
}

function chosenIn({ headers }: IncomingMessage): string | undefined {
  return chosen.exec(headers.cookie ?? '')?.[1];
}

/** `de fr-CA en` → `fr`: the first that there are pages in. */
function firstKnown(locales: string): Language | undefined {
  return locales
    .split(' ')
    .map((locale) => known(locale.toLowerCase().split('-')[0]))
    .find((language) => language !== undefined);
}

function known(text: string | false | undefined): Language | undefined {
  return languages.find((language) => language === text);
}

/** `POST /language`: remembers the reader's choice in a cookie, and with the account of who is signed in; and goes back to the page it was made on. */
export function languageRoutes(context: SessionContext, refuseCrossSite: RequestHandler): Router {
  const { db, issuer } = context;
  const router = formRouter(refuseCrossSite);
  router.post('/language', async (request, response) => {
    const form = formOf(request);
    const language = known(form?.get('language') ?? undefined);
    if (language) {
      const secure = issuer.startsWith('https:');
      const signedIn = await findSignedIn(context, request, response);
      if (signedIn) await setUserLanguage(db, signedIn.user.id, language);
      response.cookie(cookie, language, { maxAge: yearMs, httpOnly: true, sameSite: 'lax', secure });
    }
    response.redirect(303, localPath(issuer, form?.get('return_to')) ?? '/account');
  });
  return router.done();
}
