import type { Request } from 'express';
import { Problem } from '#catalog';

/** The id that a path has at `name`. Problem: `not_found` when it is none of ours by its form. */
export function idInPath({ params, path }: Request, name: string): string {
  const id = params[name];
  if (typeof id === 'string' && /^[a-z]+_[0-9a-z]{26}$/.test(id)) return id;
  throw new Problem('not_found', `There is nothing at ${path}`);
}
