import { expect, it } from '@jest/globals';
import express from 'express';
import { requireFreshSignIn } from '../../apps/auth/src/account-area/fresh-sign-in.ts';
import { readLanguage } from '../../apps/auth/src/language.ts';
import type { SignedIn } from '../../apps/auth/src/session.ts';
import { serve } from '../support/serve.ts';

const user = {
  id: 'user_1',
  email: 'a@example.com',
  name: 'A',
  passwordHash: null,
  sessionsFrom: 0,
  language: null,
  hasSecondFactor: false,
  isDisabled: false,
};
const app = express()
  .use(readLanguage())
  .get('/account/:age', (request, response) => {
    const authTime = Math.floor(Date.now() / 1000) - Number(request.params.age);
    const signedIn: SignedIn = { user, sessionUid: 's1', authTime, amr: ['pwd'] };
    if (requireFreshSignIn(signedIn, response)) response.send('done');
  });
const url = await serve(app);

it.each([
  [590, 200, null],
  [610, 303, '/account/confirm?return_to=%2Faccount%2F610%3Fa%3D1'],
])('a sign-in of %i seconds ago answers %i', async (age, status, location) => {
  const answer = await fetch(`${url}/account/${age}?a=1`, { redirect: 'manual' });
  expect([answer.status, answer.headers.get('location')]).toEqual([status, location]);
});
