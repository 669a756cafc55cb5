import type { Request, Response } from 'express';
import { hashPassword } from '#crypto';
import {
  type AccountToken,
  consumeAccountToken,
  createAccountToken,
  endAccountTokensOfEmail,
  findAccountToken,
  insertMember,
  insertOrganization,
  insertUser,
  type User,
} from '#store';
import type { AccountContext } from '../account-area/account-area.ts';
import { returnTo } from '../account-area/sign-in.ts';
import { recordChange } from '../audit.ts';
import { requireForm } from '../form.ts';
import type { FormRouter } from '../form-router.ts';
import { messagesOf, readerOf } from '../language.ts';
import type { PageData } from '../pages.ts';
import { openSession } from '../session.ts';
import { pathWith, sendGone, tokenOf } from './link.ts';
import { noteSignIn } from './note-sign-in.ts';
import { passwordContext, passwordMistake } from './password-mistake.ts';
import { startByMail } from './start-by-mail.ts';

const linkHours = 24;
const maxName = 200;

/**
 * Making an account of one's own. It begins with the address alone, and there is no account until the link that was mailed
 * there is opened: so nobody chooses a password for an address that is another's.
 */
export function signUpRoutes(router: FormRouter, context: AccountContext): void {
  if (!context.signUp) return;
  router.get('/sign-up', (request, response) =>
    sendStart(context, request, response, { email: '', error: null }),
  );
  router.post('/sign-up', (request, response) => start(context, request, response), ...context.mailLimits);
  router.get('/sign-up/finish', async (request, response) => {
    const token = await findAccountToken(context.db, 'verify_email', tokenOf(request));
    if (!token) return sendGone(context.pages, response, '/sign-up');
    sendFinish(context, request, response, token, { name: '', organization: '', errors: {} });
  });
  router.post('/sign-up/finish', (request, response) => finish(context, request, response));
}

/** Mails the link, or that there is an account already. */
function start(context: AccountContext, request: Request, response: Response): Promise<void> {
  const { sendMail } = context;
  return startByMail(context, request, response, {
    path: '/sign-up',
    sendForm: (shown) => sendStart(context, request, response, shown),
    async mail(tx, { email, user, language, back }) {
      const secret = await createAccountToken(tx, {
        purpose: 'verify_email',
        userId: user?.id ?? null,
        email,
        data: { returnTo: back },
        expiresInSeconds: linkHours * 3600,
      });
      await (user
        ? sendMail(tx, {
            to: user.email,
            language,
            about: { kind: 'account_exists', data: {} },
            path: '/reset',
          })
        : sendMail(tx, {
            to: email,
            language,
            about: { kind: 'verify_email', data: { hours: linkHours } },
            path: pathWith('/sign-up/finish', { token: secret }),
          }));
    },
  });
}

/** Makes the account and an organization of its own, and signs in. */
async function finish(context: AccountContext, request: Request, response: Response): Promise<void> {
  const { db, pages, product } = context;
  const form = requireForm(request);
  const secret = tokenOf(request);
  const token = await findAccountToken(db, 'verify_email', secret);
  if (!token) return sendGone(pages, response, '/sign-up');

  const [name, organization] = [trimmed(form, 'name'), trimmed(form, 'organization')];
  const password = form.get('password') ?? '';
  const { signUp, passwords } = messagesOf(response);
  const missing = (text: string) => (text === '' || text.length > maxName ? signUp.finish.missing : null);
  const mistake = passwordMistake(password, passwordContext(product.name, token.email));
  const errors = {
    name: missing(name),
    organization: missing(organization),
    password: mistake && passwords.mistakes[mistake],
  };
  if (Object.values(errors).some((error) => error !== null)) {
    return sendFinish(context, request, response, token, { name, organization, errors });
  }

  const authTime = Math.floor(Date.now() / 1000);
  const passwordHash = await hashPassword(password);
  const person = { name, organization, passwordHash };
  const made = await createOwner(context, request, response, secret, person);
  if (made === 'gone') return sendGone(pages, response, '/sign-up');
  if (made === 'taken') {
    const link = { href: '/sign-in', text: messagesOf(response).signIn.submit };
    return pages.send(response, 422, 'message', { ...signUp.taken, facts: {}, link });
  }
  await noteSignIn(context, request, response, made.id);
  await openSession(context, request, response, { userId: made.id, authTime, amr: ['pwd'] });
  const { returnTo: back } = token.data;
  response.redirect(303, typeof back === 'string' ? back : '/account');
}

async function createOwner(
  { db, product }: AccountContext,
  request: Request,
  response: Response,
  secret: string,
  { name, organization, passwordHash }: { name: string; organization: string; passwordHash: string },
): Promise<User | 'gone' | 'taken'> {
  return db.transaction(async (tx) => {
    const token = await consumeAccountToken(tx, 'verify_email', secret);
    if (!token) return 'gone';
    const { email } = token;
    const user = await insertUser(tx, { email, name, passwordHash, language: readerOf(response).language });
    await endAccountTokensOfEmail(tx, 'verify_email', email);
    if (!user) return 'taken';
    const made = await insertOrganization(tx, {
      name: organization,
      plan: product.defaultPlan,
      windows: null,
    });
    await insertMember(tx, { organizationId: made.id, userId: user.id, role: 'owner', name });
    const record = (targetType: string, targetId: string, after: object) =>
      recordChange(tx, request, response, user.id, {
        organizationId: made.id,
        action: `${targetType}.created`,
        targetType,
        targetId,
        before: null,
        after,
      });
    await record('organization', made.id, { id: made.id, name: made.name, plan: made.plan });
    await record('user', user.id, { id: user.id, email, name, role: 'owner' });
    return user;
  });
}

function sendStart(
  { pages, issuer }: AccountContext,
  request: Request,
  response: Response,
  { email, error }: { email: string; error: string | null },
): void {
  const query = { return_to: returnTo(issuer, request) };
  const [action, signIn] = [pathWith('/sign-up', query), pathWith('/sign-in', query)];
  pages.send(response, error === null ? 200 : 422, 'sign-up', { action, email, error, signIn });
}

function sendFinish(
  { pages }: AccountContext,
  request: Request,
  response: Response,
  { email }: AccountToken,
  data: Pick<PageData['sign-up-finish'], 'name' | 'organization' | 'errors'>,
): void {
  const action = pathWith('/sign-up/finish', { token: tokenOf(request) });
  const status = Object.keys(data.errors).length === 0 ? 200 : 422;
  pages.send(response, status, 'sign-up-finish', { action, email, ...data });
}

function trimmed(form: URLSearchParams, name: string): string {
  return (form.get(name) ?? '').trim();
}
