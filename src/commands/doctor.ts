/** `alltoken config doctor`: each thing that a call needs, checked in order, without a paid request. */
import { posix, win32 } from 'node:path';
import { writeCatalogue } from '../client/catalogue.ts';
import { fetchModels } from '../client/models.ts';
import { findKey } from '../config/keys.ts';
import { loadSettings, type Settings } from '../config/settings.ts';
import type { Deps } from '../deps.ts';
import { type CliError, systemErrorCode } from '../errors.ts';
import type { OutputEvent } from '../events.ts';
import { errorDocument, toCliError } from '../render/failure.ts';
import { hasProxy } from '../transport/network.ts';
import type { CommonFlags } from './common-flags.ts';
import { openGateway } from './embedded.ts';

interface Check {
  name: string;
  ok: boolean;
  detail: string;
}

export async function* runDoctor(
  flags: CommonFlags,
  deps: Deps,
): AsyncGenerator<OutputEvent, void, undefined> {
  const checks: Check[] = [];
  let failed: CliError | null = null;
  // The first failure decides the exit code; what depends on it is not tried.
  const check = async <T>(
    name: string,
    work: () => Promise<{ value: T; detail: string }>,
  ): Promise<T | null> => {
    try {
      const { value, detail } = await work();
      checks.push({ name, ok: true, detail });
      return value;
    } catch (thrown) {
      const error = toCliError(thrown);
      failed ??= error;
      checks.push({ name, ok: false, detail: error.message });
      return null;
    }
  };

  const settings = await check('config', async () => {
    const found = await loadSettings(deps, flags);
    return { value: found, detail: found.places.configFile };
  });
  if (settings !== null) {
    checks.push({
      name: 'gateway',
      ok: true,
      detail: `${settings.gateway.id} ${settings.gateway.baseUrl || '(in this process)'}`,
    });
    checks.push({
      name: 'proxy',
      ok: true,
      detail: hasProxy(deps.env) ? 'from the environment' : 'none',
    });
    await check('state', () => checkState(settings, deps));
    const key = await check('key', () => checkKey(settings, deps));
    if (key !== null) await check('models', () => checkModels(settings, key.value, deps));
  }
  yield* conclude(checks, failed);
}

async function* conclude(
  checks: Check[],
  failed: CliError | null,
): AsyncGenerator<OutputEvent, void, undefined> {
  const rows = checks.map(({ name, ok, detail }) => [ok ? 'ok' : 'FAILED', name, detail]);
  const error = failed === null ? null : errorDocument(failed);
  yield {
    type: 'output',
    content: { table: { head: ['', 'check', 'what was found'], rows } },
    document: {
      schema: 'alltoken.config.v1',
      ok: error === null,
      exit: error?.exit ?? 0,
      command: 'config doctor',
      checks,
      ...(error === null ? {} : { error }),
    },
    ...(error === null ? {} : { error }),
  };
}

async function checkState(
  settings: Settings,
  deps: Deps,
): Promise<{ value: true; detail: string }> {
  const { ledger } = settings.places;
  const { dirname, join } = deps.platform === 'win32' ? win32 : posix;
  const directory = dirname(ledger);
  try {
    await deps.files.makeDirectory(ledger);
    await deps.files.replace(join(directory, '.doctor'), 'ok\n');
    return { value: true, detail: directory };
  } catch (error) {
    // Not a failure: without a state the answers still come, only the books do not.
    const code = systemErrorCode(error) ?? 'unknown error';
    return {
      value: true,
      detail: `${directory} cannot be written (${code}): no ledger and no conversations`,
    };
  }
}

async function checkKey(
  settings: Settings,
  deps: Deps,
): Promise<{ value: { value: string | null }; detail: string }> {
  const { gateway, gatewayConfig, ownBaseUrl } = settings;
  const { key, warnings } = await findKey(deps, gateway, gatewayConfig, {
    baseUrl: gateway.baseUrl,
    ownBaseUrl,
  });
  const detail = key === null ? 'none needed' : `from ${key.source}`;
  return { value: { value: key?.value ?? null }, detail: [detail, ...warnings].join('; ') };
}

async function checkModels(
  settings: Settings,
  key: string | null,
  deps: Deps,
): Promise<{ value: true; detail: string }> {
  const fetch = await deps.openNetwork({ connectTimeoutMs: settings.timeouts.connectMs });
  const { gateway, close } = await openGateway(settings.gateway, deps);
  try {
    const policy = { timeouts: settings.timeouts, maxRetryWaitMs: settings.maxRetryWaitMs };
    const catalogue = await fetchModels(gateway, key, policy, fetch, deps);
    // Under the base URL that a later call will have; the embedded one gets another port each time.
    const kept = { ...catalogue, baseUrl: settings.gateway.baseUrl };
    const problem = await writeCatalogue(settings.places.cache, gateway.id, kept, deps);
    const priced = catalogue.models.filter(({ input }) => input !== null).length;
    return {
      value: true,
      detail: `${catalogue.models.length} models, ${priced} with prices${problem === null ? '' : `; ${problem}`}`,
    };
  } finally {
    await close();
  }
}
