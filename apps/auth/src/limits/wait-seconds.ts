import { z } from 'zod';

const limited = z.object({ rateLimit: z.object({ resetTime: z.date() }) });

/** Seconds until the window has passed of the limit by which express-rate-limit refuses `request`. */
export function waitSeconds(request: object, windowSeconds: number): number {
  const resetTime = limited.safeParse(request).data?.rateLimit.resetTime;
  return resetTime ? Math.max(1, Math.ceil((resetTime.getTime() - Date.now()) / 1000)) : windowSeconds;
}
