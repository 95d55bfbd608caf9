/** `alltoken config doctor`: each thing that a call needs, checked in order, without a paid request. */
import { posix, win32 } from 'node:path';
import { writeCatalogue } from '../client/catalogue.ts';
import { fetchModels } from '../client/models.ts';
import { loadConfig } from '../config/file.ts';
import { findKey, type Key } from '../config/keys.ts';
import { findPlaces } from '../config/places.ts';
import { loadSettings, type Settings } from '../config/settings.ts';
import type { Deps } from '../deps.ts';
import { type CliError, type ExitName, systemErrorCode } from '../errors.ts';
import type { OutputEvent } from '../events.ts';
import type { Gateway } from '../gateways/types.ts';
import { errorDocument, toCliError } from '../render/failure.ts';
import { hasProxy } from '../transport/network.ts';
import type { CommonFlags } from './common-flags.ts';
import { openGateway } from './embedded.ts';

interface Check {
  name: string;
  ok: boolean;
  detail: string;
}

/** What is known when a check fails; null for what was not found yet. */
interface Known {
  configFile: string | null;
  gateway: Gateway | null;
  keySource: string | null;
}

export async function* runDoctor(
  flags: CommonFlags,
  deps: Deps,
): AsyncGenerator<OutputEvent, void, undefined> {
  const checks: Check[] = [];
  const known: Known = { configFile: null, gateway: null, keySource: null };
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
      const error = adviseOn(toCliError(thrown), known);
      failed ??= error;
      checks.push({ name, ok: false, detail: error.message });
      return null;
    }
  };

  const config = await check('config', async () => {
    const places = findPlaces(deps);
    known.configFile = places.configFile;
    return { value: await loadConfig(deps, places), detail: places.configFile };
  });
  const settings = config && (await check('gateway', () => checkGateway(flags, deps)));
  if (settings !== null) {
    known.gateway = settings.gateway;
    checks.push({
      name: 'proxy',
      ok: true,
      detail: hasProxy(deps.env) ? 'from the environment' : 'none',
    });
    await check('state', () => checkState(settings, deps));
    const key = await check('key', () => checkKey(settings, deps));
    known.keySource = key?.found?.source ?? null;
    if (key !== null)
      await check('models', () => checkModels(settings, key.found?.value ?? null, deps));
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
    content: { table: { head: ['status', 'check', 'what was found'], rows } },
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

async function checkGateway(
  flags: CommonFlags,
  deps: Deps,
): Promise<{ value: Settings; detail: string }> {
  const settings = await loadSettings(deps, flags);
  const { gateway, notes } = settings;
  const detail = `${gateway.id} ${gateway.baseUrl || '(in this process)'}`;
  return { value: settings, detail: [detail, ...notes].join('; ') };
}

/** Makes the directories that a call would make, and no file: nothing here could take it away again. */
async function checkState(
  settings: Settings,
  deps: Deps,
): Promise<{ value: true; detail: string }> {
  const { ledger } = settings.places;
  const { dirname } = deps.platform === 'win32' ? win32 : posix;
  const directory = dirname(ledger);
  try {
    await deps.files.makeDirectory(ledger);
    const status = await deps.files.status(ledger);
    if (!status?.isDirectory) throw Object.assign(new Error(ledger), { code: 'ENOTDIR' });
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
): Promise<{ value: { found: Key | null }; detail: string }> {
  const { gateway, gatewayConfig, ownBaseUrl } = settings;
  const { key, warnings } = await findKey(deps, gateway, gatewayConfig, {
    baseUrl: gateway.baseUrl,
    ownBaseUrl,
  });
  const detail = key === null ? 'none needed' : `from ${key.source}`;
  return { value: { found: key }, detail: [detail, ...warnings].join('; ') };
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
    const notes: string[] = [];
    const fetching = fetchModels(gateway, { key }, policy, fetch, deps);
    let step = await fetching.next();
    for (; !step.done; step = await fetching.next())
      if (step.value.type === 'warning') notes.push(step.value.message);
    const { catalogue, whole } = step.value;
    // Under the base URL that a later call will have; the embedded one gets another port each time.
    const kept = { ...catalogue, baseUrl: settings.gateway.baseUrl };
    const problem = whole
      ? await writeCatalogue(settings.places.cache, gateway.id, kept, deps)
      : null;
    if (problem !== null) notes.push(problem);
    const priced = catalogue.models.filter(({ input }) => input !== null).length;
    const found = `${catalogue.models.length} models, ${priced} with prices`;
    return { value: true, detail: [found, ...notes].join('; ') };
  } finally {
    await close();
  }
}

/** Every request here is free. The hint is never to run the doctor alone: that is what just failed. */
function adviseOn(error: CliError, known: Known): CliError {
  return error.with({ billed: 'no', hint: hints[error.exit]?.(known, error) });
}

const again = 'then run alltoken config doctor again';

const hints: Partial<Record<ExitName, (known: Known, error: CliError) => string | undefined>> = {
  no_key: ({ configFile }, { details }) =>
    details.code === 'bad_config' && configFile !== null
      ? `correct ${configFile}, ${again}`
      : `correct it, ${again}`,
  auth: ({ keySource, gateway }) => {
    const renewed = gateway?.website ? `, or make a new one at ${gateway.website}` : '';
    return `check the key in ${keySource ?? 'the environment'}${renewed}, ${again}`;
  },
  balance: ({ gateway }) => `top up${gateway?.website ? ` at ${gateway.website}` : ''}, ${again}`,
  forbidden: ({ keySource }) => `check what the key in ${keySource ?? 'the environment'} may do`,
  not_found: checkBaseUrl,
  protocol: checkBaseUrl,
  network: ({ gateway }) =>
    `check the connection (a sandboxed agent may need network access) and the base URL ${gateway?.baseUrl ?? ''}`,
  timeout: () => 'run it again, or allow more with --connect-timeout <seconds>',
  rate_limited: () => 'wait a moment, then run it again',
  upstream: () => 'run it again later',
};

function checkBaseUrl({ gateway }: Known): string {
  return `check the base URL ${gateway?.baseUrl ?? ''}: it may be of another service, or lack a part such as /v1`;
}
