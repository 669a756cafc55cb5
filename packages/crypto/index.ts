export { apiKeyPattern, type MintedApiKey, mintApiKey, parseApiKey } from './api-key.ts';
export { type Box, deriveKey, openBox, secretBox } from './box.ts';
export { hashSecret, matchesHash, randomSecret } from './hash-secret.ts';
export { type MintedSecret, mintSecret } from './mint-secret.ts';
export { hashPassword, verifyPassword } from './password.ts';
export { type MadeSigningKey, makeSigningKey, openSigningKey } from './signing-key.ts';
export { makeSigningPair, type SigningPair, signText, verifyText } from './signing-pair.ts';
export { readStampedLine, stampLine } from './stamped-line.ts';
export { isTimedNonce, timedNonce } from './timed-nonce.ts';
