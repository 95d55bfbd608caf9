/** Asks a gateway whether it takes a key, with requests that are free. It stores nothing. */
import type { Deps } from '../../base/deps.ts';
import { CliError } from '../../base/errors.ts';
import type { NextStep } from '../../base/next-step.ts';
import { fetchJson } from '../../client/get-json.ts';
import type { Key } from '../../config/keys.ts';
import { loginStep } from '../../config/login-step.ts';
import type { Settings } from '../../config/settings.ts';
import type { OutputEvent } from '../../schemas/events.ts';
import { connect } from '../connection.ts';

/**
 * true: the gateway takes the key; false: it has no free request that needs one, so nobody knows. Throws `CliError` auth
 * for a refused one, and whatever else kept it from being checked.
 */
export async function* tryKey(
  settings: Settings,
  key: Key,
  deps: Deps,
): AsyncGenerator<OutputEvent, boolean, undefined> {
  const { gateway, policy, fetch, close } = await connect(settings, key, deps);
  const { baseUrl, routes } = gateway;
  const url = `${baseUrl}${routes.key ?? routes.models}`;
  const what = 'checking the key';
  try {
    try {
      yield* fetchJson({ url, key: key.value, what }, policy, fetch, deps);
    } catch (error) {
      // A server without such a list is none that could be asked.
      if (error instanceof CliError && error.exit === 'not_found') return false;
      throw error;
    }
    if (routes.key !== undefined) return true;
    // A list that everybody may read proves nothing.
    return yield* refuses({ url, key: null, what }, { ...policy, maxTries: 1 }, fetch, deps);
  } catch (error) {
    throw error instanceof CliError && !error.isStop ? withNext(error, settings) : error;
  } finally {
    await close();
  }
}

async function* refuses(
  ...asked: Parameters<typeof fetchJson>
): AsyncGenerator<OutputEvent, boolean, undefined> {
  try {
    yield* fetchJson(...asked);
    return false;
  } catch (error) {
    if (!(error instanceof CliError) || error.isStop) throw error;
    return error.exit === 'auth' || error.exit === 'forbidden';
  }
}

function withNext(error: CliError, { gateway }: Settings): CliError {
  if (error.exit === 'auth') {
    const page = gateway.website === null ? '' : ` at ${gateway.website}`;
    return error.changed({ next: { ...loginStep(gateway), first: `get a valid key${page}` } });
  }
  const unchecked: NextStep = {
    do: 'set-flag',
    flag: '--no-check',
    why: 'store it without a check',
  };
  return error.changed({ next: [{ do: 'retry', when: 'later', free: true }, unchecked] });
}
