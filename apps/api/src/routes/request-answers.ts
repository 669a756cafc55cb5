import { z } from 'zod';
import { modes, wireTime } from '#catalog';
import { type RequestRecord, timeOfId } from '#store';
import { idCursor } from './list-page.ts';
import { idAnswer, timeAnswer } from './wire-schemas.ts';

const credentialAnswer = z.union([
  z.object({ type: z.literal('api_key'), key_id: idAnswer('key') }),
  z.object({ type: z.literal('client'), client_id: idAnswer('client') }),
  z.object({ type: z.literal('access_token'), user_id: idAnswer('user'), client_id: idAnswer('client') }),
]);

/** A request's record on the wire. */
export const requestAnswer = z
  .object({
    id: idAnswer('req'),
    at: timeAnswer,
    mode: z.enum(modes),
    method: z.string().meta({ examples: ['POST'] }),
    path: z.string().meta({ examples: ['/v1/devices'] }),
    route: z
      .string()
      .nullable()
      .meta({ description: 'Null where no route has the path.', examples: ['/v1/devices'] }),
    status: z.int().meta({
      description: '499 when the client went before the answer.',
      examples: [403],
    }),
    outcome: z.enum(['success', 'denied', 'error']).meta({
      description: 'Denied with 401, 403, 429 or an OAuth error; any other status from 400 on is an error.',
    }),
    credential: credentialAnswer,
    ip_address: z.string().meta({ examples: ['203.0.113.7'] }),
    user_agent: z
      .string()
      .nullable()
      .meta({ examples: ['curl/8.14.1'] }),
    duration_ms: z.number().meta({ examples: [3.2] }),
    denial: z
      .object({
        rule: z.string().meta({ examples: ['insufficient_scope'] }),
        detail: z.string().meta({ examples: ['The operation needs devices:write.'] }),
        mend: z
          .string()
          .nullable()
          .meta({ examples: ['Give the key devices:write.'] }),
      })
      .nullable()
      .meta({
        description:
          'Of a 401, 403 or 429, and of an OAuth error: the rule that failed, and what would mend it.',
      }),
  })
  .meta({ title: 'Request' });

/** A request's record as the API shows it. */
export function presentRequest(found: RequestRecord): z.infer<typeof requestAnswer> {
  const { denialRule, denialDetail, denialMend } = found;
  return {
    id: found.id,
    at: wireTime(new Date(timeOfId(found.id) ?? 0).toISOString()),
    mode: found.mode,
    method: found.method,
    path: found.path,
    route: found.route,
    status: found.status,
    outcome: outcomeOf(found),
    credential: credentialOf(found),
    ip_address: found.ipAddress,
    user_agent: found.userAgent,
    duration_ms: found.durationMs,
    denial: denialRule === null ? null : { rule: denialRule, detail: denialDetail ?? '', mend: denialMend },
  };
}

function credentialOf({ keyId, userId, clientId }: RequestRecord): z.infer<typeof credentialAnswer> {
  if (keyId !== null) return { type: 'api_key', key_id: keyId };
  const client = { client_id: clientId ?? '' };
  return userId === null
    ? { type: 'client', ...client }
    : { type: 'access_token', user_id: userId, ...client };
}

/** How a request went, in a word. */
export function outcomeOf({ status, denialRule }: RequestRecord): z.infer<typeof requestAnswer>['outcome'] {
  if (denialRule !== null) return 'denied';
  return status < 400 ? 'success' : 'error';
}

/** The cursor of lists of requests: the id of the last one of a page. */
export const requestCursor = idCursor.refine((id) => timeOfId(id) !== null);
