import type { FieldProblem } from './problem.ts';

/** What an error body may show: already reduced to what the caller may be told. */
export interface ErrorView {
  code: string;
  message: string;
  type?: string;
  fields?: readonly FieldProblem[];
  retryAfterSeconds?: number;
}

/** One page of a list; `nextCursor` is null on the last one. */
export interface Page<Item> {
  items: readonly Item[];
  nextCursor: string | null;
}

/** How a product puts answers on the wire. */
export interface Wire {
  error: (view: ErrorView) => unknown;
  list: (page: Page<unknown>) => unknown;
  /** Tell the next page in a `Link` header (RFC 8288), for lists whose body has no room for it. */
  linkHeader: boolean;
}

/** `{"error": {"code", "message", "type"?, "retry_after"?, "details"?}}` */
export function nestedError(view: ErrorView): unknown {
  return {
    error: {
      code: view.code,
      message: view.message,
      ...(view.type !== undefined && { type: view.type }),
      ...(view.retryAfterSeconds !== undefined && { retry_after: view.retryAfterSeconds }),
      ...(view.fields && { details: view.fields }),
    },
  };
}

/** `{"error": code, "message", "retry_after"?, "details"?}` */
export function flatError(view: ErrorView): unknown {
  return {
    error: view.code,
    message: view.message,
    ...(view.retryAfterSeconds !== undefined && { retry_after: view.retryAfterSeconds }),
    ...(view.fields && { details: view.fields }),
  };
}

/** `{"data": [...], "has_more", "next_cursor"}` */
export function dataList(page: Page<unknown>): unknown {
  return { data: page.items, has_more: page.nextCursor !== null, next_cursor: page.nextCursor };
}

/** The items alone; the cursor is in the `Link` header. */
export function bareList(page: Page<unknown>): unknown {
  return page.items;
}

/** A time as the documents show it: ISO 8601 in UTC, to the second, with `Z`. Takes ISO 8601 of any precision. */
export function wireTime(time: string): string {
  return `${time.slice(0, 19)}Z`;
}
