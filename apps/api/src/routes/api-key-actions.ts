import { z } from 'zod';
import { type ApiKeys, Problem, type Product, wireTime } from '#catalog';
import { mintApiKey } from '#crypto';
import {
  type ApiKey,
  type Database,
  findRotation,
  insertPendingSecret,
  lockApiKey,
  type Queryable,
  type Rotation,
  renewApiKey,
  rotateApiKeySecret,
  setApiKeyPaused,
} from '#store';
import { findKey, lockKey, presentKey, recordKeyChange, requireHeld } from './api-key-access.ts';
import { type ApiKeyAnswer, apiKeyAnswer, rotatedKeyAnswer, rotationAnswer } from './api-key-answers.ts';
import { type ApiRequest, type Route, route } from './route.ts';

const days = 24 * 3_600;
const maxGraceSeconds = 7 * days;
const defaultGraceSeconds = 1 * days;

/**
 * How to rotate: at once (neither field), with a grace for the former secret, or confirmed: the new secret waits,
 * and its first use starts the grace (a day, when none is given).
 */
const rotationBody = z
  .strictObject({
    grace_seconds: z.number().int().min(0).max(maxGraceSeconds).optional(),
    confirm: z.boolean().default(false),
  })
  .meta({ examples: [{ grace_seconds: 3_600 }] })
  .prefault({})
  .transform(({ grace_seconds, confirm }) => ({
    confirm,
    graceSeconds: grace_seconds ?? (confirm ? defaultGraceSeconds : 0),
  }));

/** The routes to pause, resume and rotate a key, and to see how its rotation stands. */
export function apiKeyActionRoutes(
  db: Database,
  product: Product,
  { path, scope, scopesField }: ApiKeys,
): Route[] {
  const present = (key: ApiKey) => presentKey(key, scopesField);
  const common = { scope, tag: 'API keys' };
  const pauseOrResume = (verb: 'pause' | 'resume') =>
    route({
      method: 'post',
      ...common,
      path: `${path}/:id/${verb}`,
      summary: `${verb === 'pause' ? 'Pause' : 'Resume'} an API key`,
      answer: apiKeyAnswer(product, scopesField),
      problems: ['conflict'],
      handle: (request) =>
        db.transaction(async (tx) => {
          const before = await lockKey(tx, request);
          const after = await setApiKeyPaused(tx, before, verb === 'pause');
          const change = { before: present(before), after: present(after) };
          await recordKeyChange(tx, request, `${verb}d`, after, change);
          return { status: 200, body: present(after) };
        }),
    });

  return [
    pauseOrResume('pause'),
    pauseOrResume('resume'),
    route({
      method: 'get',
      ...common,
      path: `${path}/:id/rotation`,
      summary: 'Get the rotation of an API key',
      answer: rotationAnswer,
      async handle(request) {
        const { id } = await findKey(db, request);
        return { status: 200, body: presentRotation(await findRotation(db, id)) };
      },
    }),
    route({
      method: 'post',
      ...common,
      path: `${path}/:id/rotate`,
      summary: 'Rotate an API key',
      answer: rotatedKeyAnswer(product, scopesField),
      problems: ['conflict'],
      body: rotationBody,
      handle: (request) => rotate(db, product, request, present),
    }),
  ];
}

async function rotate(
  db: Database,
  product: Product,
  request: ApiRequest<unknown, { confirm: boolean; graceSeconds: number }>,
  present: (key: ApiKey) => ApiKeyAnswer,
) {
  const { confirm, graceSeconds } = request.body;
  return db.transaction(async (tx) => {
    const before = await lockKey(tx, request);
    // Whoever rotates a key holds its new secret.
    requireHeld(product, request.caller, before.scopes);
    requireNoOther(await findRotation(tx, before.id), { confirm, graceSeconds });
    if (before.status === 'expired') await renew(tx, before, confirm || graceSeconds > 0);
    const { key, hash, hint } = mintApiKey(product.keys.prefixes[before.mode]);
    if (confirm) await insertPendingSecret(tx, before, { hash, hint }, graceSeconds);
    else await rotateApiKeySecret(tx, before, { hash, hint }, graceSeconds);
    const after = (await lockApiKey(tx, before.organizationId, before.id)) ?? before;
    const rotation = presentRotation(await findRotation(tx, before.id));
    const verb = confirm ? 'rotation_started' : 'rotated';
    await recordKeyChange(tx, request, verb, after, {
      before: present(before),
      after: { ...present(after), rotation },
    });
    return { status: 200 as const, body: { key, ...present(after), rotation } };
  });
}

/** Problem: `conflict` when a rotation is under way that this one would cut short, unless it is one at once. */
function requireNoOther(
  { pending, retiring }: Rotation,
  { confirm, graceSeconds }: { confirm: boolean; graceSeconds: number },
): void {
  if (!confirm && graceSeconds === 0) return;
  if (retiring) {
    const until = wireTime(retiring.expiresAt);
    throw new Problem(
      'conflict',
      `A former secret is in its grace until ${until}. Wait, or rotate at once to end it.`,
    );
  }
  if (pending && !confirm) {
    throw new Problem(
      'conflict',
      'A new secret waits for its first use. Use it, start again with confirm, or rotate at once.',
    );
  }
}

/** An expired key lives as long again, while its former secret stays dead. */
async function renew(tx: Queryable, key: ApiKey, keepsFormer: boolean): Promise<void> {
  if (keepsFormer) throw new Problem('conflict', 'The key has expired, so it can be rotated at once only.');
  if (await renewApiKey(tx, key)) return;
  throw new Problem('conflict', 'The key expired when it was made. Set a later expiry first.');
}

function presentRotation({ pending, retiring }: Rotation): z.infer<typeof rotationAnswer> {
  return {
    pending: pending && {
      hint: pending.hint,
      grace_seconds: pending.graceSeconds,
      created_at: wireTime(pending.createdAt),
    },
    retiring: retiring && {
      hint: retiring.hint,
      expires_at: wireTime(retiring.expiresAt),
      used_by: retiring.usedBy.map((use) => ({ ...use, last_used_at: wireTime(use.last_used_at) })),
    },
  };
}
