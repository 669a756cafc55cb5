import { readFile } from 'node:fs/promises';
import { Command } from 'commander';
import { type AuditHead, type Database, findAuditHead, findAuditKey, listAuditHeads } from '#store';
import { auditKey, openAuditKey } from './audit-key.ts';
import { readCheckpoints, signCheckpoint } from './checkpoint.ts';
import { print, withDatabase } from './context.ts';
import { verifyAuditLog } from './verify-audit-log.ts';

export function auditCommand(): Command {
  const command = new Command('audit').description('the proof of the audit log: see docs/audit.md');
  command
    .command('verify')
    .description('looks for entries that were changed, removed or inserted, and prints a line for each')
    .option('--organization <id>', 'only this one')
    .option(
      '--checkpoint <file>',
      'checkpoints that were kept elsewhere: they show a tail that was cut off, too',
    )
    .action(verify);
  command
    .command('checkpoint')
    .description("signs the end of each organization's chain: keep what it prints elsewhere")
    .option('--organization <id>', 'only this one')
    .action(({ organization }: { organization?: string }) =>
      withDatabase(async (db) => {
        const privateKey = openAuditKey(await auditKey(db));
        const heads =
          organization === undefined ? await listAuditHeads(db) : [await requireHead(db, organization)];
        for (const head of heads) print(signCheckpoint(privateKey, head, new Date()));
      }),
    );
  command
    .command('public-key')
    .description('prints the key that checkpoints are verified with, as PEM')
    .action(() => withDatabase(async (db) => print((await auditKey(db)).publicKey.trim())));
  return command;
}

async function requireHead(db: Database, organization: string): Promise<AuditHead> {
  const head = await findAuditHead(db, organization);
  if (!head) throw new Error(`there is no audit log of ${organization}`);
  return head;
}

/** Throws an Error of one line when anything was found, so that the command fails. */
async function verify(options: { organization?: string; checkpoint?: string }): Promise<void> {
  await withDatabase(async (db) => {
    let findings = 0;
    const tell = (finding: string) => {
      findings++;
      print(finding);
    };
    const file = options.checkpoint === undefined ? '' : await readFile(options.checkpoint, 'utf8');
    const checkpoints = readCheckpoints(file, (await findAuditKey(db))?.publicKey ?? null, tell);
    const seen = await verifyAuditLog(
      db,
      { checkpoints, organizationId: options.organization ?? null },
      tell,
    );
    print(`organizations: ${seen.organizations}, entries: ${seen.entries}, findings: ${findings}`);
    if (findings > 0) throw new Error('the audit log is not as it was written');
  });
}
