import { z } from 'zod';
import { defaultProduct } from '#catalog';
import { normaliseRange } from './client-address.ts';

const url = z.url({ protocol: /^https?$/ }).transform((text) => text.replace(/\/$/, ''));

const port = z.coerce.number().int().min(0).max(65_535);

function isRedisUrls(text: string): boolean {
  const url = z.url({ protocol: /^rediss?$/ });
  return text.split(',').every((each) => url.safeParse(each.trim()).success);
}

const isRange = (text: string) => normaliseRange(text) !== null;

/** The settings that several apps share, by the names of their environment variables; an app picks its own. */
export const settings = {
  /** PostgreSQL, as `postgres://user:password@host:port/database`. */
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/, error: 'must be a postgres:// URL' }),
  /** Redis for the counters of rate limits, or several nodes of a cluster, comma-separated; in memory when not set. */
  REDIS_URL: z
    .string()
    .refine(isRedisUrls, 'must be a redis:// URL, or several of one cluster, comma-separated')
    .optional(),
  /** A product of the catalogue, or the path of a product file. */
  PRODUCT: z.string().min(1).default(defaultProduct),
  /** Where clients reach the API; the audience of its access tokens. */
  API_URL: url,
  /** Where clients reach the authorization server; its issuer identifier. */
  AUTH_URL: url,
  HOST: z.string().min(1).default('127.0.0.1'),
  PORT: port,
  /** Where `GET /metrics` is served, for those who watch; not served when not set. */
  METRICS_PORT: port.optional(),
  /** 32 bytes as 64 hexadecimal characters: encrypts what is stored encrypted and signs cookies. */
  ENCRYPTION_KEY: z.string().regex(/^[0-9a-f]{64}$/i, 'must be 64 hexadecimal characters'),
  /** Addresses and CIDR ranges of the proxies in front, comma-separated: only their X-Forwarded-* is believed. */
  TRUSTED_PROXIES: z
    .string()
    .default('')
    .transform((text) => text.split(',').map((part) => part.trim()))
    .transform((parts) => parts.filter((part) => part !== ''))
    .refine((parts) => parts.every(isRange), 'must be addresses and CIDR ranges, comma-separated'),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
} as const;

/**
 * Reads the settings of `shape` from an environment. Throws an Error of one line that names every setting that
 * is missing or wrong, never its value.
 */
export function readConfig<Shape extends z.ZodRawShape>(
  shape: Shape,
  env: Record<string, string | undefined>,
): z.infer<z.ZodObject<Shape>> {
  const present = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  const result = z.object(shape).safeParse(present);
  if (result.success) return result.data;
  const mistakes = result.error.issues.map((issue) => {
    const name = issue.path.join('.');
    return present[name] === undefined
      ? `${name} is not set`
      : `${name} ${issue.message.replace(/^Invalid/, 'is not a valid')}`;
  });
  throw new Error(mistakes.join('; '));
}
