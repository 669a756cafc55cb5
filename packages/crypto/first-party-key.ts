import { deriveKey } from './box.ts';

/** By which the API shows the authorization server that it is the API; both derive it from the key that they share. */
export function firstPartyKey(encryptionKey: string): string {
  return deriveKey(encryptionKey, 'keystile first-party login').toString('base64url');
}
