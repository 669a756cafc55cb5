import { isNativeError } from 'node:util/types';
import { Problem } from '#catalog';

// PostgreSQL's SQLSTATE classes and codes of a server that can't take or finish the statement now.
const unavailableStates = /^(08...|53...|57P0[1-5]|57014|55P03|40001|40P01|25P03)$/;
const networkCodes = /^(ECONNREFUSED|ECONNRESET|ENOTFOUND|EPIPE|ETIMEDOUT|EHOSTUNREACH|EAI_AGAIN)$/;
const driverMessages =
  /^(Connection terminated|timeout exceeded|Client has encountered a connection error|Client was closed)/;

/** The `unavailable` problem when `error` means that PostgreSQL is away or overloaded, else `error` itself. */
export function unavailableOr(error: unknown): unknown {
  if (!isNativeError(error)) return error;
  const code = sqlState(error) ?? '';
  const away = unavailableStates.test(code) || networkCodes.test(code) || driverMessages.test(error.message);
  return away ? new Problem('unavailable', 'PostgreSQL is unavailable', { cause: error }) : error;
}

/** The SQLSTATE of an error that PostgreSQL answered, or the code of one from the network. */
export function sqlState(error: unknown): string | undefined {
  if (!isNativeError(error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

export const uniqueViolation = '23505';

/** The one line that says why PostgreSQL could not be used. */
export function reasonOf(error: unknown): string {
  const { message = '', code = '' } = Object(error);
  return String(message || code || error).split('\n')[0] ?? '';
}
