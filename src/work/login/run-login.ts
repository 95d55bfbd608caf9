/** `alltoken login`: reads a key, checks it and stores it. Nothing is written before the gateway has taken it. */
import type { Deps } from '../../base/deps.ts';
import { CliError, EXIT_OK } from '../../base/errors.ts';
import { originOf } from '../../config/base-url.ts';
import { storeKey } from '../../config/key-file.ts';
import { checkKey, knownPrefix } from '../../config/key-rules.ts';
import { loginStep } from '../../config/login-step.ts';
import { loadSettings, type Settings } from '../../config/settings.ts';
import { rawVariable } from '../../config/variable.ts';
import type { CommonFlags } from '../../flags/common-flags.ts';
import type { OutputEvent } from '../../schemas/events.ts';
import type { LoginDocument } from '../../schemas/login.ts';
import { errorWithoutKey, withoutKey } from '../redact-key.ts';
import { readGivenKey } from './read-key.ts';
import { tryKey } from './try-key.ts';

type Events<T> = AsyncGenerator<OutputEvent, T, undefined>;

/** `check`: false with --no-check. */
export async function* runLogin(flags: CommonFlags & { check: boolean }, deps: Deps): Events<void> {
  const settings = await loadSettings(deps, flags);
  const { gateway } = settings;
  for (const message of settings.notes) yield { type: 'warning', message };
  if (gateway.embedded)
    throw new CliError('usage', `${gateway.label} needs no key`, {
      code: 'unsupported',
      next: { do: 'run', argv: ['alltoken', 'chat', '-g', gateway.id, 'Hello'] },
    });
  const given = yield* readGivenKey(gateway, deps);
  const value = checkKey(given.text, given.source);
  refuseOtherGateway(value, settings);
  const isChecked = flags.check ? yield* checked(settings, value, deps) : false;
  yield* store(settings, value, isChecked, deps);
}

/** Of a gateway that we know, keys of another one are a mistake; a server of the user's own may take any. */
function refuseOtherGateway(key: string, { gateway }: Settings): void {
  const prefix = knownPrefix(key);
  if (gateway.keyPrefix === null || prefix === null || prefix.id === gateway.id) return;
  if (prefix.keyPrefix === gateway.keyPrefix) return;
  throw new CliError(
    'no_key',
    `this looks like a key of ${prefix.label}, not of ${gateway.label}`,
    {
      code: 'foreign_key',
      next: loginStep(prefix),
    },
  );
}

async function* checked(settings: Settings, value: string, deps: Deps): Events<boolean> {
  const checking = tryKey(settings, { value, source: 'what was given' }, deps);
  try {
    for (;;) {
      const step = await checking.next();
      if (step.done) return step.value;
      yield withoutKey(step.value, value);
    }
  } catch (error) {
    throw error instanceof CliError ? errorWithoutKey(error, value) : error;
  }
}

async function* store(
  { gateway, places }: Settings,
  value: string,
  isChecked: boolean,
  deps: Deps,
): Events<void> {
  const origin = originOf(gateway.baseUrl) ?? '';
  const { file, replaced } = await storeKey(gateway.id, value, origin, places, deps);
  for (const name of replaced)
    yield { type: 'warning', message: `${name} of ${gateway.id} was in the config; it is removed` };
  const { keyVariable } = gateway;
  const wins =
    keyVariable !== null && rawVariable(deps, keyVariable) !== undefined ? keyVariable : null;
  if (wins !== null)
    yield { type: 'warning', message: `${wins} is set and wins: the stored key is not used` };
  const document: LoginDocument = {
    schema: 'alltoken.login.v1',
    ok: true,
    exit: EXIT_OK,
    command: 'login',
    gateway: gateway.id,
    origin,
    file,
    checked: isChecked,
    overridden_by: wins,
  };
  const how = isChecked ? 'checked and saved' : 'saved, not checked';
  yield { type: 'output', content: { text: `${gateway.label}: ${how}: ${file}\n` }, document };
}
