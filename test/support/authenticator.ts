import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';

/** What an authenticator is to do otherwise than it should. */
export interface Odd {
  origin?: string;
  rpId?: string;
  challenge?: string;
  counter?: number;
  /** Whether it has verified its holder. */
  verified?: boolean;
  userHandle?: string;
}

/** A passkey in software, with what a browser does around it: answers are the JSON that a page's script sends. */
export interface Authenticator {
  create(options: string, odd?: Odd): string;
  get(options: string, odd?: Odd): string;
}

const flags = { present: 1, verified: 4, eligible: 8, backedUp: 16, attested: 64 };

/** @param origin of the page; @param synced whether its key can be on several devices */
export function softwareAuthenticator(origin: string, { synced = false } = {}): Authenticator {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const id = randomBytes(16);
  let userHandle = '';
  let counter = 0;

  const clientData = (type: string, challenge: string, odd: Odd) =>
    Buffer.from(
      JSON.stringify({ type, challenge: odd.challenge ?? challenge, origin: odd.origin ?? origin }),
    );
  const authenticatorData = (rpId: string, odd: Odd, attested = Buffer.alloc(0)) => {
    const bits =
      flags.present |
      (odd.verified === false ? 0 : flags.verified) |
      (synced ? flags.eligible | flags.backedUp : 0) |
      (attested.length > 0 ? flags.attested : 0);
    const head = Buffer.alloc(5);
    head.writeUInt8(bits);
    if (!synced) counter += 1;
    head.writeUInt32BE(odd.counter ?? counter, 1);
    return Buffer.concat([sha256(odd.rpId ?? rpId), head, attested]);
  };
  const credential = (response: object) =>
    JSON.stringify({
      id: id.toString('base64url'),
      rawId: id.toString('base64url'),
      type: 'public-key',
      clientExtensionResults: {},
      response,
    });

  return {
    create(options, odd = {}) {
      const { challenge, rp, user } = JSON.parse(options);
      userHandle = user.id;
      const length = Buffer.from([0, id.length]);
      const attested = Buffer.concat([Buffer.alloc(16), length, id, coseKey(publicKey)]);
      const authData = authenticatorData(rp.id, odd, attested);
      const attestationObject = Buffer.concat([
        Buffer.from([0xa3]),
        cborText('fmt'),
        cborText('none'),
        cborText('attStmt'),
        Buffer.from([0xa0]),
        cborText('authData'),
        Buffer.from([0x58, authData.length]),
        authData,
      ]);
      return credential({
        clientDataJSON: clientData('webauthn.create', challenge, odd).toString('base64url'),
        attestationObject: attestationObject.toString('base64url'),
        transports: ['internal'],
      });
    },
    get(options, odd = {}) {
      const { challenge, rpId } = JSON.parse(options);
      const data = clientData('webauthn.get', challenge, odd);
      const authData = authenticatorData(rpId, odd);
      return credential({
        clientDataJSON: data.toString('base64url'),
        authenticatorData: authData.toString('base64url'),
        signature: sign('sha256', Buffer.concat([authData, sha256(data)]), privateKey).toString('base64url'),
        userHandle: odd.userHandle ?? userHandle,
      });
    },
  };
}

function sha256(bytes: string | Buffer): Buffer {
  return createHash('sha256').update(bytes).digest();
}

function cborText(text: string): Buffer {
  return Buffer.concat([Buffer.from([0x60 | text.length]), Buffer.from(text)]);
}

/** A P-256 key as COSE has it (RFC 9053 §7.1), for ES256. */
function coseKey(key: KeyObject): Buffer {
  const { x = '', y = '' } = key.export({ format: 'jwk' });
  return Buffer.concat([
    Buffer.from([0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20]),
    Buffer.from(x, 'base64url'),
    Buffer.from([0x22, 0x58, 0x20]),
    Buffer.from(y, 'base64url'),
  ]);
}
