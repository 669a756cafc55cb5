import { expect, it } from '@jest/globals';
import { redirectUriMistake } from './redirect-uri.ts';

it.each([
  'https://yourapp.com/callback',
  'http://127.0.0.1:4003/callback',
  'http://localhost/cb',
  'http://[::1]:1/',
])('a client may register %s', (uri) => expect(redirectUriMistake(uri)).toBeNull());

it.each([
  ['/callback', /absolute/],
  ['http://yourapp.com/callback', /https/],
  ['javascript:alert(1)', /https/],
  ['http://localhost.example.com/callback', /https/],
  ['https://yourapp.com/callback#part', /fragment/],
  ['https://yourapp.com/callback#', /fragment/],
  ['https://user@yourapp.com/callback', /user information/],
  ['https://yourapp.com\\@evil.example/', /backslash/],
  ['https://yourapp.com/ callback', /space/],
  ['https://*.yourapp.com/callback', /wildcard/],
])('a client may not register %s', (uri, reason) => expect(redirectUriMistake(uri)).toMatch(reason));
