import { z } from 'zod';
import { type OauthClients, Problem, type Product, wireTime } from '#catalog';
import { mintSecret } from '#crypto';
import {
  type Database,
  deleteRegistrationToken,
  insertRegistrationToken,
  listRegistrationTokens,
  type RegistrationToken,
} from '#store';
import { makerOf } from '../caller.ts';
import { requireHeld } from './api-key-access.ts';
import { recordChange } from './audit.ts';
import { pageById } from './id-page.ts';
import { pageQuery } from './list-page.ts';
import { type ApiRequest, type Route, route } from './route.ts';
import { idAnswer, timeAnswer } from './wire-schemas.ts';

const week = 7 * 24 * 3_600;

const answerFields = {
  id: idAnswer('regtok'),
  hint: z.string().meta({ description: 'The last four characters.' }),
  scopes: z.array(z.string()),
  remaining_uses: z.int(),
  expires_at: timeAnswer,
  created_by: idAnswer('user').nullable(),
  created_at: timeAnswer,
};

const answer = z.object(answerFields).meta({ title: 'RegistrationToken' });
const createdAnswer = z
  .object({
    ...answerFields,
    token: z.string().meta({ description: 'The token itself. It is shown this once.' }),
  })
  .meta({ title: 'CreatedRegistrationToken' });

/** The routes over the tokens with which clients register themselves at the authorization server. Live mode only. */
export function registrationTokenRoutes(
  db: Database,
  product: Product,
  { registrationTokensPath: path, scope }: OauthClients,
): Route[] {
  const common = { scope, mode: 'live', tag: 'OAuth clients', answer } as const;
  const body = z.strictObject({
    scopes: z.array(z.enum(Object.keys(product.scopes))).min(1),
    uses: z.int().min(1).max(1_000).default(1),
    expires_in_seconds: z
      .int()
      .min(60)
      .max(52 * week)
      .default(week),
  });
  return [
    route({
      ...common,
      method: 'get',
      path,
      summary: 'List registration tokens',
      list: true,
      query: z.strictObject(pageQuery),
      handle: (request) =>
        pageById(
          request,
          (paging) => listRegistrationTokens(db, request.caller.organizationId, paging),
          present,
        ),
    }),
    route({
      ...common,
      method: 'post',
      path,
      summary: 'Create a registration token',
      answer: createdAnswer,
      status: 201,
      plans: product.oauth.plans,
      body,
      handle: (request) =>
        db.transaction(async (tx) => {
          const { caller } = request;
          const { scopes, uses: remainingUses, expires_in_seconds } = request.body;
          requireHeld(product, caller, scopes);
          const { secret, ...minted } = mintSecret();
          const expiresAt = new Date(Date.now() + expires_in_seconds * 1000).toISOString();
          const { organizationId } = caller;
          const wanted = {
            organizationId,
            scopes,
            remainingUses,
            expiresAt,
            createdBy: makerOf(caller).createdBy,
          };
          const made = present(await insertRegistrationToken(tx, wanted, minted));
          await record(tx, request, 'created', made.id, { after: made });
          return { status: 201, body: { ...made, token: secret } };
        }),
    }),
    route({
      ...common,
      method: 'delete',
      path: `${path}/:id`,
      summary: 'Delete a registration token',
      answer: null,
      handle: (request) =>
        db.transaction(async (tx) => {
          const { caller, params } = request;
          const [id = ''] = params;
          const deleted = await deleteRegistrationToken(tx, caller.organizationId, id);
          if (!deleted) throw new Problem('not_found', `no registration token ${id}`);
          await record(tx, request, 'deleted', id, { before: present(deleted) });
          return { status: 204 };
        }),
    }),
  ];
}

function record(
  tx: Parameters<typeof recordChange>[0],
  request: ApiRequest,
  verb: string,
  targetId: string,
  { before = null, after = null }: { before?: unknown; after?: unknown },
): Promise<void> {
  const [action, targetType] = [`registration_token.${verb}`, 'registration_token'];
  return recordChange(tx, request, { mode: 'live', action, targetType, targetId, before, after });
}

function present(token: RegistrationToken): z.infer<typeof answer> {
  return {
    id: token.id,
    hint: token.hint,
    scopes: token.scopes,
    remaining_uses: token.remainingUses,
    expires_at: wireTime(token.expiresAt),
    created_by: token.createdBy,
    created_at: wireTime(token.createdAt),
  };
}
