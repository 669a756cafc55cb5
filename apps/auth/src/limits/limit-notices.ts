import { rateLimit, type Store } from 'express-rate-limit';

/** Whether one more notice goes to a person; each call counts. */
export type MayNotify = (userId: string) => Promise<boolean>;

/** Which notices about sign-ins may go to somebody. Whoever makes a person get no more of them has made that person get some. */
export interface NoticeLimits {
  newSignIn: MayNotify;
  secondStepFailed: MayNotify;
}

const hour = 3_600;

/** @param store where to count under a prefix */
export function noticeLimits(store: (prefix: string) => Store): NoticeLimits {
  return {
    newSignIn: limitNotices(store('notices:sign-in:'), { max: 5, seconds: hour }),
    secondStepFailed: limitNotices(store('notices:second-step:'), { max: 1, seconds: hour }),
  };
}

/** Lets `max` notices in `seconds` seconds go to each person. */
export function limitNotices(store: Store, { max, seconds }: { max: number; seconds: number }): MayNotify {
  // It tells the store its window; there is no request to limit here.
  rateLimit({ windowMs: seconds * 1000, limit: max, store, validate: false });
  return async (userId) => (await store.increment(userId)).totalHits <= max;
}
