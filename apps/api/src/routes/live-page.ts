import { requireLive } from '../credentials/require-live.ts';
import { decodeCursor, idCursor, toPage } from './list-page.ts';
import type { ApiRequest } from './route.ts';

export interface Paging {
  limit: number;
  cursor: string | null;
}

/** A page of a list that is in the order of its answers' ids, for a live caller. Problem: `live_mode_required`. */
export async function livePage<Item, Answer extends { id: string }>(
  { caller, query }: ApiRequest<{ limit: number; cursor?: string | undefined }>,
  list: (paging: Paging) => Promise<Item[]>,
  present: (item: Item) => Answer,
) {
  requireLive(caller);
  const found = await list({ limit: query.limit + 1, cursor: decodeCursor(query.cursor, () => idCursor) });
  return { status: 200 as const, page: toPage(found.map(present), query.limit, ({ id }) => id) };
}
