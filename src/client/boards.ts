/** Fetches a public board of a gateway. Its shape is not documented, so any JSON is passed on; it sends no key. */
import type { Deps, Send } from '../base/deps.ts';
import { CliError } from '../base/errors.ts';
import type { Board } from '../gateways/types.ts';
import type { OutputEvent } from '../schemas/events.ts';
import { originOf, type Policy } from '../transport/request.ts';
import { fetchJson } from './get-json.ts';

/** In retry lines and messages. */
export const boardNames: Readonly<Record<Board, string>> = {
  health: 'health',
  routes: 'routes',
  providers: 'providers',
  provider: 'a provider',
  rankings: 'rankings',
  filters: 'filters',
};

/** The JSON, unwrapped from `{data: …}`. Sends no key. Throws one `CliError` for every way to fail. */
export async function* fetchBoard(
  url: string,
  board: Board,
  policy: Policy,
  fetch: Send,
  deps: Pick<Deps, 'clock' | 'random' | 'signal' | 'version'>,
): AsyncGenerator<OutputEvent, unknown, undefined> {
  const place = { url, key: null, what: `the board of ${boardNames[board]}` };
  const json = yield* fetchJson(place, policy, fetch, deps);
  if (!isShallow(json, MAX_DEPTH))
    throw new CliError('protocol', `${originOf(url)} sent JSON that is nested too deeply`, {
      code: 'bad_json',
      billed: 'no',
    });
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return json;
  const { data } = json as { data?: unknown };
  return typeof data === 'object' && data !== null ? data : json;
}

/** What prints it calls itself for each level. */
const MAX_DEPTH = 100;

function isShallow(value: unknown, left: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return left > 0 && Object.values(value).every((item) => isShallow(item, left - 1));
}
