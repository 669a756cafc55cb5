import type { Response } from 'express';
import { timeWords } from '#catalog';
import { type Database, listSessions, type Session, signOutUser } from '#store';
import { oldestSignIn } from '../account.ts';
import { browserWords } from '../accounts/browser-words.ts';
import { requireForm } from '../form.ts';
import { messagesOf, readerOf } from '../language.ts';
import type { AccountArea } from './account-area.ts';
import { accountFrame } from './account-frame.ts';

const path = '/account/sessions';

/** The browsers in which the person is signed in, each of which can be signed out from here. */
export const sessions: AccountArea = {
  path,
  words: (messages) => messages.sessions,
  routes(routes, context) {
    const { db, pages, sessionUses } = context;
    routes.page(path, async (signedIn, request, response) => {
      await sessionUses.flush();
      const listed = await listSessions(db, signedIn.user.id, oldestSignIn(signedIn.user));
      pages.send(response, 200, 'sessions', {
        ...accountFrame(context, signedIn, request, response),
        items: listed.map((session) => ({
          ...wordsOf(session, response),
          uid: session.uid,
          current: session.uid === signedIn.sessionUid,
        })),
      });
    });
    routes.action(
      `${path}/end`,
      async ({ user, sessionUid }, request, response) => {
        const uid = requireForm(request).get('session') ?? '';
        const ended = await end(db, user.id, { uid });
        const here = ended === 0 ? path : `${path}?done=signedOut`;
        response.redirect(303, uid === sessionUid ? '/sign-in' : here);
      },
      { page: path },
    );
    routes.action(
      `${path}/end-others`,
      async ({ user, sessionUid }, _request, response) => {
        const ended = await end(db, user.id, { except: sessionUid });
        response.redirect(303, ended === 0 ? path : `${path}?done=othersSignedOut`);
      },
      { page: path },
    );
    routes.action(
      `${path}/end-all`,
      async ({ user }, _request, response) => {
        await end(db, user.id, {});
        response.redirect(303, '/sign-in');
      },
      { page: path },
    );
  },
};

/** Ends sessions, tells the apps that want to hear of it, and returns how many ended. */
function end(db: Database, userId: string, which: { uid?: string; except?: string }): Promise<number> {
  return db.transaction((tx) => signOutUser(tx, userId, which));
}

function wordsOf({ userAgent, ipAddress, startedAt, lastUsedAt }: Session, response: Response) {
  const { sessions: words } = messagesOf(response);
  const { language } = readerOf(response);
  const { browser, system } = browserWords(userAgent ?? '');
  const known = browser !== null || system !== null;
  return {
    title: known
      ? words.browserOn(browser ?? words.unknownBrowser, system ?? words.unknownSystem)
      : words.unknownBrowser,
    details: [
      ...(ipAddress === null ? [] : [words.from(ipAddress)]),
      ...(lastUsedAt === null ? [] : [words.lastUsed(timeWords(language, lastUsedAt))]),
      words.started(timeWords(language, startedAt)),
    ],
  };
}
