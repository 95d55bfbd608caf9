/** Fetches one JSON document that costs nothing, with or without a key. It knows no gateway. */
import type { Deps, Send } from '../base/deps.ts';
import type { OutputEvent } from '../schemas/events.ts';
import type { Policy, RequestDeps } from '../transport/request.ts';
import { requestJson } from './json-reply.ts';

export interface FreeRequest {
  url: string;
  /** null: it is public. */
  key: string | null;
  /** The name in a line about a retry. */
  what: string;
}

/** The JSON of the response, not validated. Yields retries and traces; throws one `CliError` for every way to fail. */
export async function* fetchJson(
  { url, key, what }: FreeRequest,
  policy: Policy,
  fetch: Send,
  deps: RequestDeps & Pick<Deps, 'version'>,
): AsyncGenerator<OutputEvent, unknown, undefined> {
  const headers = {
    ...(key === null ? {} : { authorization: `Bearer ${key}` }),
    accept: 'application/json',
    'user-agent': `alltoken-cli/${deps.version}`,
  };
  const request = { method: 'GET' as const, url, headers, paid: false };
  return (yield* requestJson(request, policy, what, fetch, deps)).json;
}
