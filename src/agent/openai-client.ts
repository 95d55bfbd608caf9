/** The official client for AllToken, where the package `openai` is installed. */
import type { Deps } from '../base/deps.ts';
import { CliError, systemErrorCode } from '../base/errors.ts';
import { checkBaseUrl } from '../config/base-url.ts';
import { rawVariable, variable } from '../config/variable.ts';
import { alltoken } from '../gateways/alltoken.ts';
import { toAllTokenError, usageError } from './failure.ts';

interface ClientOptions {
  apiKey?: string | undefined;
  baseURL?: string | undefined;
}

/**
 * `load`: `require` of a package of the user. Throws `AllTokenError`: usage where `openai` is not installed, no_key without a
 * key. Returns what its constructor makes.
 */
export function officialClient(
  { apiKey, baseURL }: ClientOptions,
  load: (name: string) => unknown,
  deps: Pick<Deps, 'env' | 'platform'>,
): unknown {
  const name = alltoken.keyVariable ?? '';
  const own = baseURL ?? variable(deps, alltoken.baseUrlEnv ?? '') ?? alltoken.baseUrl;
  try {
    const key = apiKey ?? rawVariable(deps, name);
    if (key === undefined)
      throw new CliError('no_key', `${name} is not set`, { code: 'missing_key' });
    const options = { apiKey: key.trim(), baseURL: checkBaseUrl(own, 'baseURL', 'usage') };
    const Client = constructorIn(load);
    return Reflect.construct(Client, [options]);
  } catch (error) {
    throw toAllTokenError(error);
  }
}

function constructorIn(load: (name: string) => unknown): new (options: ClientOptions) => unknown {
  try {
    const { OpenAI } = Object(load('openai'));
    return OpenAI;
  } catch (error) {
    if (systemErrorCode(error) !== 'MODULE_NOT_FOUND') throw error;
    throw usageError('the package openai is not installed', 'missing_peer', {
      next: { do: 'say', words: 'npm install openai' },
    });
  }
}
