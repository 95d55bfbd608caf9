/** `alltoken config doctor`: each thing that a call needs, checked in order, without a paid request. */

import type { Deps } from '../../../base/deps.ts';
import { errorDocument } from '../../../base/error-document.ts';
import { EXIT_OK } from '../../../base/errors.ts';
import { loadConfig } from '../../../config/file.ts';
import { findPlaces } from '../../../config/places.ts';
import { loadSettings, type Settings } from '../../../config/settings.ts';
import type { CommonFlags } from '../../../flags/common-flags.ts';
import type { OutputEvent } from '../../../schemas/events.ts';
import { hasProxy } from '../../../transport/network.ts';
import { adviseOn, type Situation } from '../../../work/advice.ts';
import { Checks, type Found } from '../../../work/doctor/check.ts';
import { checkClock } from '../../../work/doctor/clock.ts';
import { checkKey, checkModels } from '../../../work/doctor/connection.ts';
import { checkPermissions, checkState, checkVersions } from '../../../work/doctor/machine.ts';

export async function* runDoctor(
  flags: CommonFlags,
  deps: Deps,
): AsyncGenerator<OutputEvent, void, undefined> {
  const known: Situation = {
    kind: 'config doctor',
    maxRetryWaitMs: null,
    configFile: null,
    gateway: null,
    keySource: null,
    platform: deps.platform,
  };
  const checks = new Checks((error) => adviseOn(error.with({ billed: 'no' }), known));
  await checks.run('versions', () => checkVersions(deps));
  const places = await checks.run('config', async () => {
    const found = findPlaces(deps);
    known.configFile = found.configFile;
    await loadConfig(deps, found);
    return { value: found, detail: found.configFile };
  });
  if (places !== null) {
    await checks.run('permissions', () => checkPermissions(places, deps));
    const settings = await checks.run('gateway', () => checkGateway(flags, deps));
    if (settings !== null) await checkCalls(settings, checks, known, deps);
  }
  yield* conclude(checks);
}

/** What only a call to this gateway needs. */
async function checkCalls(
  settings: Settings,
  checks: Checks,
  known: Situation,
  deps: Deps,
): Promise<void> {
  known.gateway = settings.gateway;
  await checks.run('proxy', () => ({
    value: null,
    detail: hasProxy(deps.env) ? 'from the environment' : 'none',
  }));
  await checks.run('state', () => checkState(settings.places, deps));
  const key = await checks.run('key', () => checkKey(settings, deps));
  known.keySource = key?.found?.source ?? null;
  if (key === null) return;
  const skews: number[] = [];
  const answered = await checks.run('models', () => checkModels(settings, key.found, skews, deps));
  // A rejection carries the server time, too.
  if (answered !== null || skews.length > 0)
    await checks.run('clock', () => checkClock(settings.gateway, skews));
}

async function* conclude({
  all: checks,
  failed,
}: Checks): AsyncGenerator<OutputEvent, void, undefined> {
  const rows = checks.map(({ name, ok, warning, detail }) => [
    ok ? (warning ? 'warning' : 'ok') : 'FAILED',
    name,
    detail,
  ]);
  const error = failed === null ? null : errorDocument(failed);
  yield {
    type: 'output',
    content: { table: { head: ['status', 'check', 'what was found'], rows } },
    document: {
      schema: 'alltoken.config.v1',
      ok: error === null,
      exit: error?.exit ?? EXIT_OK,
      command: 'config doctor',
      checks,
      ...(error === null ? {} : { error }),
    },
    ...(error === null ? {} : { error }),
  };
}

async function checkGateway(flags: CommonFlags, deps: Deps): Promise<Found<Settings>> {
  const settings = await loadSettings(deps, flags);
  const { gateway, notes } = settings;
  const detail = `${gateway.id} ${gateway.baseUrl || '(in this process)'}`;
  return { value: settings, detail, warnings: notes };
}
