import { z } from 'zod';
import { appDecisions, clientIdPattern, wireTime } from '#catalog';
import { type AppRequest, appRequestStates, type ConnectedApp, type DecidedApp } from '#store';
import { idAnswer, timeAnswer } from './wire-schemas.ts';

const clientId = idAnswer('client').meta({ description: 'Its client_id.' });

/** What an administrator says about an app, which may be one that nobody has used yet. */
export const appDecisionBody = z.strictObject({
  client_id: z
    .string()
    .max(500)
    .regex(clientIdPattern, 'must be a client_id: client_… or an https URL')
    .meta({ examples: ['client_01jhn3v4q8e6xtk2m5r7w9y0bc'] }),
  decision: z.enum(appDecisions),
});

export const appDecisionAnswer = z
  .object({
    id: idAnswer('appdec'),
    client_id: clientId,
    client_name: z.string().nullable().meta({ description: 'Null for an app that nobody has used yet.' }),
    decision: z.enum(appDecisions),
    decided_by: idAnswer('user').nullable(),
    created_at: timeAnswer,
    updated_at: timeAnswer,
  })
  .meta({ title: 'AppDecision' });

export function presentAppDecision(decided: DecidedApp): z.infer<typeof appDecisionAnswer> {
  return {
    id: decided.id,
    client_id: decided.clientId,
    client_name: decided.clientName,
    decision: decided.decision,
    decided_by: decided.decidedBy,
    created_at: wireTime(decided.createdAt),
    updated_at: wireTime(decided.updatedAt),
  };
}

/** An app and a person who wants or uses it. */
const appOfPerson = {
  client_id: clientId,
  client_name: z.string(),
  user_id: idAnswer('user'),
  user_email: z.string(),
};

type AppOfPerson = Pick<AppRequest, 'clientId' | 'clientName' | 'userId' | 'userEmail'>;

function presentAppOfPerson({ clientId, clientName, userId, userEmail }: AppOfPerson) {
  return { client_id: clientId, client_name: clientName, user_id: userId, user_email: userEmail };
}

export const appRequestAnswer = z
  .object({
    id: idAnswer('appreq'),
    ...appOfPerson,
    message: z.string(),
    state: z.enum(appRequestStates),
    created_at: timeAnswer,
    decided_at: timeAnswer.nullable(),
  })
  .meta({ title: 'AppRequest' });

export function presentAppRequest(request: AppRequest): z.infer<typeof appRequestAnswer> {
  return {
    id: request.id,
    ...presentAppOfPerson(request),
    message: request.message,
    state: request.state,
    created_at: wireTime(request.createdAt),
    decided_at: request.decidedAt && wireTime(request.decidedAt),
  };
}

export const connectedAppAnswer = z
  .object({
    id: idAnswer('con'),
    ...appOfPerson,
    scopes: z.array(z.string()),
    requests_30_days: z.int().meta({ description: 'Its requests in the last 30 days, for this user.' }),
    last_used_at: timeAnswer.nullable(),
    created_at: timeAnswer,
  })
  .meta({ title: 'AppConsent' });

export function presentConnectedApp(app: ConnectedApp): z.infer<typeof connectedAppAnswer> {
  return {
    id: app.id,
    ...presentAppOfPerson(app),
    scopes: app.scopes,
    requests_30_days: app.requests30Days,
    last_used_at: app.lastUsedAt && wireTime(app.lastUsedAt),
    created_at: wireTime(app.createdAt),
  };
}
