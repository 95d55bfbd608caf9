/** What a client gets where the gateway has failed: the gateway's own error, or ours with what the user can do. */
import type { ReplyHeaders } from '../base/deps.ts';
import type { CliError } from '../base/errors.ts';
import { withoutSecret } from '../base/redact.ts';
import { adviseOn, machineOf } from '../work/advice.ts';
import { headersToClient } from './pass-headers.ts';
import { type Document, type Refusal, refusalOf } from './refusal.ts';
import type { Service } from './service.ts';

/** A failure on the way to the gateway, or of what it sent, with what our commands advise then. */
export function failureOf(
  error: CliError,
  { connection, deps }: Pick<Service, 'connection' | 'deps'>,
): Refusal {
  const { gateway, key, settings } = connection;
  const advised = adviseOn(error, {
    kind: 'chat',
    gateway,
    keySource: key?.source ?? null,
    maxRetryWaitMs: settings.maxRetryWaitMs,
    machine: machineOf(deps),
  });
  return refusalOf(advised);
}

/** The error of the gateway as it was sent, without our key. `more`: headers of ours. */
export function asSent(
  { status, headers }: { status: number; headers: ReplyHeaders },
  errorBody: string,
  failure: CliError | null,
  more: Readonly<Record<string, string>>,
  key: string | null,
): Document {
  const retry = failure?.billed === 'no' ? {} : { 'x-should-retry': 'false' };
  return {
    // A status that says where to go next would lead the client past us.
    status: status >= 400 ? status : 502,
    headers: { ...headersToClient(headers, key), ...retry, ...more },
    body: key === null ? errorBody : withoutSecret(errorBody, key),
  };
}
