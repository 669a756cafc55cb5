import {
  type Database,
  deleteEndedAccountTokens,
  deleteEndedInvitations,
  deleteEndedOidcState,
  deleteEndedProofs,
  deleteEndedRefreshAnswers,
  deleteEndedRevocations,
  deleteEndedSecrets,
  deleteEndedSessionUses,
  deleteOldAppRequestCounts,
  deleteOldAppRequests,
  deleteOldIdempotentAnswers,
  deleteOldRequestAddresses,
  deleteOldRequestCounts,
  deletePastExpiryNotices,
  deleteUnusedDescribedClients,
  dropRequestPartitions,
  oidcTables,
} from '#store';

const batchSize = 1_000;

/** What may go, table by table: each deletes up to a number of rows that nothing asks for any more. */
const steps: Record<string, (db: Database, limit: number) => Promise<number>> = {
  idempotency_keys: deleteOldIdempotentAnswers,
  api_key_secrets: deleteEndedSecrets,
  expiry_notices: deletePastExpiryNotices,
  revoked_access_tokens: deleteEndedRevocations,
  request_counts: deleteOldRequestCounts,
  request_addresses: deleteOldRequestAddresses,
  app_request_counts: deleteOldAppRequestCounts,
  app_requests: deleteOldAppRequests,
  account_tokens: deleteEndedAccountTokens,
  session_uses: deleteEndedSessionUses,
  invitations: deleteEndedInvitations,
  used_proofs: deleteEndedProofs,
  oidc_refresh_answers: deleteEndedRefreshAnswers,
  clients: deleteUnusedDescribedClients,
  ...Object.fromEntries(
    Object.values(oidcTables).map((table) => [
      table,
      (db: Database, limit: number) => deleteEndedOidcState(db, table, limit),
    ]),
  ),
};

/**
 * Deletes what has run out, in batches, and returns how many rows of each table; of the request records how many days
 * beyond the last `requestLogDays`. It ends early when `signal` is aborted.
 */
export async function cleanUp(
  db: Database,
  { requestLogDays, signal }: { requestLogDays: number; signal?: AbortSignal },
): Promise<Record<string, number>> {
  const deleted: Record<string, number> = {};
  for (const [table, step] of Object.entries(steps)) {
    let batch = batchSize;
    for (let sum = 0; batch === batchSize && !signal?.aborted; ) {
      batch = await step(db, batchSize);
      sum += batch;
      deleted[table] = sum;
    }
  }
  if (!signal?.aborted) deleted.request_days = (await dropRequestPartitions(db, requestLogDays)).length;
  return deleted;
}
