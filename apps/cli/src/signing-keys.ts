import { Command } from 'commander';
import { listSigningKeys, revokeSigningKey, rotateSigningKeys, type SigningKey } from '#store';
import { encryptionKey } from './config.ts';
import { withContext } from './context.ts';

export function signingKeysCommand(): Command {
  const command = new Command('signing-keys').description('the keys that sign tokens and cookies');
  command
    .command('list')
    .description('all keys, the latest first, and what each does now')
    .action(() => withContext(async ({ db }) => (await listSigningKeys(db)).map(withoutPrivateKey)));
  command
    .command('rotate')
    .description('publishes a new key now, which signs in an hour; needs ENCRYPTION_KEY')
    .action(() =>
      withContext(async ({ db }) => {
        const waiting = (await listSigningKeys(db)).find(({ state }) => state === 'waiting');
        if (waiting)
          throw new Error(`${waiting.id} is published already, and signs from ${waiting.signsFrom}`);
        return (await rotateSigningKeys(db, encryptionKey(), 0)).map(withoutPrivateKey);
      }),
    );
  command
    .command('revoke <key>')
    .description(
      'drops a key that leaked: nothing it signed is good any more, and a new one signs now; needs ENCRYPTION_KEY',
    )
    .action((id: string) =>
      withContext(async ({ db }) => (await revokeSigningKey(db, encryptionKey(), id)).map(withoutPrivateKey)),
    );
  return command;
}

function withoutPrivateKey({ sealedPrivateJwk, ...key }: SigningKey) {
  return key;
}
