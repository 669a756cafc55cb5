import { z } from 'zod';
import { wireTime } from '#catalog';
import { type Database, ping } from '#store';
import { openRoute, type Route } from './route.ts';
import { timeAnswer } from './wire-schemas.ts';

/** The route that a load balancer asks: 200 while PostgreSQL answers, else the problem `unavailable`. */
export function healthRoutes(db: Database): Route[] {
  return [
    openRoute({
      method: 'get',
      path: '/health',
      summary: 'Get the health',
      tag: 'Service',
      counted: false,
      answer: z.object({ status: z.literal('healthy'), timestamp: timeAnswer }).meta({ title: 'Health' }),
      async handle() {
        await ping(db);
        const timestamp = wireTime(new Date().toISOString());
        return { status: 200, body: { status: 'healthy' as const, timestamp } };
      },
    }),
  ];
}
