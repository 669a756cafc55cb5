import { describe, expect, it } from '@jest/globals';
import { clientUrl } from './client-url.ts';

describe('a client_id', () => {
  it.each([
    'https://app.example.com/',
    'https://app.example.com/client.json',
    'https://app.example.com:8443/oauth/client?v=2',
    'https://xn--bcher-kva.example/client.json',
  ])('%s is a URL to look at', (id) => expect(clientUrl(id)?.href).toBe(id));

  it.each([
    'client_01j00000000000000000000000',
    'http://app.example.com/client.json',
    'https://app.example.com',
    'https://app.example.com/client.json#part',
    'https://app.example.com/client.json#',
    'https://user@app.example.com/client.json',
    'https://user:secret@app.example.com/client.json',
    'https://@app.example.com/client.json',
    'https://app.example.com/a/../client.json',
    'https://app.example.com/./client.json',
    'https://app.example.com/a/%2e%2E/client.json',
    'https://app.example.com/..',
    'https://App.example.com/client.json',
    'HTTPS://app.example.com/client.json',
    'https://app.example.com:443/client.json',
    'https:app.example.com/client.json',
    'https://app.example.com\\client.json',
    ' https://app.example.com/client.json',
    'https://app.example.com/client .json',
    'https://app.example.com/client\t.json',
    'https://bücher.example/client.json',
    'https://0x7f.1/client.json',
    `https://app.example.com/${'x'.repeat(500)}`,
  ])('%j is none', (id) => expect(clientUrl(id)).toBeNull());
});
