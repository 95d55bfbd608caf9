/** What every check of a live gateway needs, and how it says that a fact does not hold. It checks nothing by itself. */
import type { Deps, Send } from '../../base/deps.ts';
import { CliError } from '../../base/errors.ts';
import type { Catalogue } from '../../client/catalogue.ts';
import { readErrorBody } from '../../transport/error-body.ts';
import type { Policy } from '../../transport/request.ts';
import type { Connection } from '../connection.ts';
import type { Checks, Found } from './check.ts';
import type { Exchange, Exchanges } from './exchanges.ts';
import type { LiveBudget } from './live-budget.ts';

export interface Live {
  connection: Connection;
  /** The list with prices that the free checks have fetched. */
  catalogue: Catalogue;
  budget: LiveBudget;
  checks: Checks;
  exchanges: Exchanges;
  deps: Deps;
}

/** GETs as everywhere; a paid call is sent once, so that what is seen is what the gateway did. */
export function policyOf({ connection }: Live): Policy {
  return { ...connection.policy, maxTries: 1 };
}

export function sendOf({ connection, exchanges }: Live): Send {
  return exchanges.through(connection.fetch);
}

/** A fact of the wire that does not hold. */
export function broken(message: string): CliError {
  return new CliError('protocol', message, { code: 'live_fact' });
}

/** The error; null: there was none. A stop, and whatever the gateway did not answer, is thrown on. */
export async function failureOf(work: Promise<unknown>): Promise<CliError | null> {
  try {
    await work;
    return null;
  } catch (error) {
    if (error instanceof CliError && error.details.status !== undefined) return error;
    throw error;
  }
}

/** A refusal is one of these statuses with an error object that has a code. */
export function refusal(
  error: CliError,
  exchange: Exchange | null,
  statuses: readonly number[],
): Found<null> {
  const status = exchange?.status ?? 0;
  if (!statuses.includes(status))
    throw broken(`answered ${status} instead of ${statuses.join(' or ')}: ${error.message}`);
  const { inEnvelope, code } = readErrorBody(exchange?.body ?? '', status);
  if (!inEnvelope) throw broken(`answered ${status} without an error object`);
  if (code === null) throw broken(`answered ${status} with an error object without a code`);
  return { value: null, detail: `${status} ${code}` };
}
