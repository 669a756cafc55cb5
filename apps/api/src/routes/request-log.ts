import { z } from 'zod';
import { modes, Problem, type RequestLog, wireTime } from '#catalog';
import { findRequest, type Queryable, type RequestRecord, timeOfId } from '#store';
import { type Route, route } from './route.ts';
import { idAnswer, timeAnswer } from './wire-schemas.ts';

const credentialAnswer = z.union([
  z.object({ type: z.literal('api_key'), key_id: idAnswer('key') }),
  z.object({ type: z.literal('access_token'), user_id: idAnswer('user'), client_id: idAnswer('client') }),
]);

const requestAnswer = z
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
      .meta({ description: 'Of a 401, 403 or 429: the rule that failed, and what would mend it.' }),
  })
  .meta({ title: 'Request' });

/**
 * The route that tells how a request of the organization's went, by the id in its `X-Request-Id`, and why it was
 * denied. `findUnwritten` has the records that are not in the database yet. A test credential sees what test
 * credentials sent.
 */
export function requestLogRoutes(
  db: Queryable,
  findUnwritten: (id: string) => RequestRecord | null,
  { path, scope }: RequestLog,
): Route[] {
  return [
    route({
      method: 'get',
      path: `${path}/:id`,
      scope,
      summary: 'Get a request',
      tag: 'Requests',
      answer: requestAnswer,
      async handle({ caller: { organizationId, mode }, params: [id = ''] }) {
        const found = findUnwritten(id) ?? (await findRequest(db, organizationId, id));
        const visible = found?.organizationId === organizationId && (mode === 'live' || found.mode === mode);
        if (!visible) throw new Problem('not_found', `no request ${id}`);
        return { status: 200, body: present(found) };
      },
    }),
  ];
}

function present(found: RequestRecord): z.infer<typeof requestAnswer> {
  const { keyId, userId, clientId, denialRule, denialDetail, denialMend } = found;
  return {
    id: found.id,
    at: wireTime(new Date(timeOfId(found.id) ?? 0).toISOString()),
    mode: found.mode,
    method: found.method,
    path: found.path,
    route: found.route,
    status: found.status,
    credential:
      keyId === null
        ? { type: 'access_token', user_id: userId ?? '', client_id: clientId ?? '' }
        : { type: 'api_key', key_id: keyId },
    ip_address: found.ipAddress,
    user_agent: found.userAgent,
    duration_ms: found.durationMs,
    denial: denialRule && { rule: denialRule, detail: denialDetail ?? '', mend: denialMend },
  };
}
