import { type Request, type RequestHandler, type Response, Router } from 'express';
import { onlyMethods } from './endpoints.ts';
import { readForm } from './form.ts';

type Handle<Params> = (request: Request<Params>, response: Response) => void | Promise<void>;

/** Routes of pages and of their forms. */
export interface FormRouter {
  get<Params = Request['params']>(path: string, handle: Handle<Params>): void;
  /** Every form of ours comes this way: refused from another site, then read (`requireForm`), then `before`. */
  post<Params = Request['params']>(
    path: string,
    handle: Handle<Params>,
    ...before: RequestHandler<Params>[]
  ): void;
  /** The routes, with a 405 for the methods that a path doesn't have. */
  done(): Router;
}

/** @param refuseCrossSite see `refuse-cross-site.ts` */
export function formRouter(refuseCrossSite: RequestHandler): FormRouter {
  const router = Router();
  const methods = new Map<string, string[]>();
  const note = (path: string, ...more: string[]) => {
    methods.set(path, [...(methods.get(path) ?? []), ...more]);
  };
  return {
    get(path, handle) {
      note(path, 'GET', 'HEAD');
      router.get(path, handle);
    },
    post(path, handle, ...before) {
      note(path, 'POST');
      router.post(path, refuseCrossSite, ...readForm());
      router.post(path, ...before, handle);
    },
    done() {
      for (const [path, allow] of methods) router.all(path, onlyMethods(allow));
      return router;
    },
  };
}
