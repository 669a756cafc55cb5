import { parseArgs } from 'node:util';
import { z } from 'zod';

const optionsSchema = z.object({
  /** How long each subject is measured in each round. */
  seconds: z.coerce.number().positive(),
  rounds: z.coerce.number().int().positive(),
  /** How many keys there are, one figure a database; the others are compared with the first. */
  keys: z
    .string()
    .transform((text) => text.split(',').map(Number))
    .pipe(z.tuple([z.int().positive()], z.int().positive())),
  /** How many rows there are, where that matters. */
  rows: z.coerce.number().int().positive(),
  /** How many refresh tokens are used. */
  refreshes: z.coerce.number().int().positive(),
  /** Whether other people's libraries are measured, too. */
  peers: z.boolean(),
});

export type Options = z.infer<typeof optionsSchema>;

/** The benchmark's name and its options. Throws an Error of one line when an option is unknown or wrong. */
export function readOptions(args: string[]): Options & { name: string } {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    allowNegative: true,
    options: {
      seconds: { type: 'string', default: '4' },
      rounds: { type: 'string', default: '5' },
      keys: { type: 'string', default: '1000,100000,1000000' },
      rows: { type: 'string', default: '1000000' },
      refreshes: { type: 'string', default: '1000000' },
      peers: { type: 'boolean', default: true },
    },
  });
  const parsed = optionsSchema.safeParse(values);
  if (parsed.success) return { ...parsed.data, name: positionals.join(' ') };
  const mistakes = parsed.error.issues.map((issue) => `--${issue.path[0]?.toString()}: ${issue.message}`);
  throw new Error(mistakes.join('; '));
}
