/** `alltoken config doctor`: each thing that a call needs, checked in order, without a paid request; and with --live the gateway itself, with a few small ones. */

import type { Deps } from '../../../base/deps.ts';
import { errorDocument } from '../../../base/error-document.ts';
import { CliError, EXIT_OK } from '../../../base/errors.ts';
import { runStep } from '../../../base/next-step.ts';
import type { Catalogue } from '../../../client/catalogue.ts';
import { loadConfig } from '../../../config/file.ts';
import type { Key } from '../../../config/keys.ts';
import { findPlaces } from '../../../config/places.ts';
import { loadSettings, type Settings } from '../../../config/settings.ts';
import { tagsOf } from '../../../config/tags.ts';
import type { CommonFlags } from '../../../flags/common-flags.ts';
import type { Gateway } from '../../../gateways/types.ts';
import { formatDecimal } from '../../../money/decimal.ts';
import type { OutputEvent } from '../../../schemas/events.ts';
import { hasProxy } from '../../../transport/network.ts';
import { adviseOn, machineOf } from '../../../work/advice.ts';
import { connect } from '../../../work/connection.ts';
import { Checks, type Found } from '../../../work/doctor/check.ts';
import { checkClock } from '../../../work/doctor/clock.ts';
import { checkKey, checkModels } from '../../../work/doctor/connection.ts';
import { Exchanges } from '../../../work/doctor/exchanges.ts';
import { checkPermissions, checkState, checkVersions } from '../../../work/doctor/machine.ts';
import { reserveReport } from '../../../work/doctor/report.ts';
import type { Situation } from '../../../work/situation.ts';
import { checkLines, checkTable } from './text.ts';

/** USD, where --max-cost does not say. */
const USUAL_CAP = '0.05';

export interface DoctorFlags extends CommonFlags {
  live?: boolean;
  /** USD, a plain decimal. */
  maxCost?: string;
  report?: string;
  tag?: string[];
}

export async function* runDoctor(
  flags: DoctorFlags,
  deps: Deps,
): AsyncGenerator<OutputEvent, void, undefined> {
  checkLiveFlags(flags);
  const known: Situation = {
    kind: 'config doctor',
    maxRetryWaitMs: null,
    configFile: null,
    gateway: null,
    keySource: null,
  };
  const checks = new Checks((error) => adviseOn(error.with({ billed: 'no' }), known));
  await checks.run('versions', () => checkVersions(deps));
  const places = await checks.run('config', async () => {
    const found = findPlaces(deps);
    known.configFile = found.configFile;
    known.machine = machineOf(deps);
    await loadConfig(deps, found);
    return { value: found, detail: found.configFile };
  });
  if (places !== null) {
    await checks.run('permissions', () => checkPermissions(places, deps));
    const settings = await checks.run('gateway', () => checkGateway(flags, deps));
    const reached = settings === null ? null : await checkCalls(settings, checks, known, deps);
    if (flags.live && settings !== null && reached !== null) {
      yield* goLive(settings, reached, checks, known, flags, deps);
      return;
    }
  }
  yield* conclude(checks, null, deps);
}

/** Throws `CliError` usage for a flag that only --live uses. */
function checkLiveFlags({ live, ...flags }: DoctorFlags): void {
  const idle = (['maxCost', 'report', 'tag'] as const).find((name) => flags[name] !== undefined);
  if (live || idle === undefined) return;
  const name = idle === 'maxCost' ? '--max-cost' : `--${idle}`;
  throw new CliError('usage', `${name} needs --live`, {
    code: 'conflicting_option',
    next: runStep(['config', 'doctor', '--live']),
  });
}

/** The calls to the gateway itself; the report is reserved before the first one. */
async function* goLive(
  settings: Settings,
  { key, catalogue }: Reached,
  checks: Checks,
  known: Situation,
  flags: DoctorFlags,
  deps: Deps,
): AsyncGenerator<OutputEvent, void, undefined> {
  const { checkLive } = await import('../../../work/doctor/live.ts');
  const { LiveBudget } = await import('../../../work/doctor/live-budget.ts');
  const cap = flags.maxCost ?? USUAL_CAP;
  const tags = tagsOf(flags, deps);
  const { places } = settings;
  const report = await reserveReport(flags.report ?? null, settings.gateway.id, places, deps);
  const connection = await connect(settings, key, deps);
  const { gateway } = connection;
  known.gateway = gateway;
  const isFree = key === null && !gateway.keyRequired;
  const money = { settings, gateway, prices: catalogue, isFree, key, tags };
  const budget = new LiveBudget(cap, money, deps);
  const exchanges = new Exchanges(key?.value ?? null, deps.clock);
  try {
    yield* checkLive({ connection, catalogue, budget, checks, exchanges, deps });
  } finally {
    await connection.close();
  }
  const live: LiveFacts = {
    cap,
    spent: formatDecimal(budget.used),
    calls: budget.calls,
    report: report.path,
  };
  checks.conceal(key?.value ?? null);
  const problem = await report.write({
    schema: 'alltoken.doctor_report.v1',
    at: new Date(deps.clock.now()).toISOString(),
    version: deps.version,
    node: deps.nodeVersion,
    platform: deps.platform,
    gateway: gateway.id,
    base_url: gateway.baseUrl,
    ...live,
    checks: checks.all,
    exchanges: exchanges.all,
  });
  yield problem === null
    ? { type: 'status', message: `report: ${report.path}` }
    : { type: 'warning', message: problem };
  yield* conclude(checks, live, deps);
}

/** What the free checks have found, for the paid ones. */
interface Reached {
  key: Key | null;
  catalogue: Catalogue;
}

/** What only a call to this gateway needs; null where the key or the gateway failed. */
async function checkCalls(
  settings: Settings,
  checks: Checks,
  known: Situation,
  deps: Deps,
): Promise<Reached | null> {
  known.gateway = settings.gateway;
  await checks.run('proxy', () => ({
    value: null,
    detail: hasProxy(deps.env) ? 'from the environment' : 'none',
  }));
  await checks.run('state', () => checkState(settings.places, deps));
  const key = await checks.run('key', () => checkKey(settings, deps));
  known.keySource = key?.found?.source ?? null;
  if (key === null) return null;
  const skews: number[] = [];
  const catalogue = await checks.run('models', () => {
    const opened = (gateway: Gateway): void => {
      known.gateway = gateway;
    };
    return checkModels(settings, key.found, skews, opened, deps);
  });
  // A rejection carries the server time, too.
  if (catalogue !== null || skews.length > 0)
    await checks.run('clock', () => checkClock(settings.gateway, skews));
  return catalogue === null ? null : { key: key.found, catalogue };
}

/** The paid calls in the JSON; amounts in USD. */
interface LiveFacts {
  cap: string;
  /** What was charged, or may have been. */
  spent: string;
  calls: number;
  report: string;
}

/** `live`: of the paid calls; null without them. */
async function* conclude(
  { all: checks, failed }: Checks,
  live: LiveFacts | null,
  deps: Pick<Deps, 'stdout' | 'env'>,
): AsyncGenerator<OutputEvent, void, undefined> {
  const error = failed === null ? null : errorDocument(failed);
  yield {
    type: 'output',
    content: deps.stdout.isTerminal
      ? { text: checkLines(checks, deps) }
      : { table: checkTable(checks) },
    document: {
      schema: 'alltoken.config.v1',
      ok: error === null,
      exit: error?.exit ?? EXIT_OK,
      command: 'config doctor',
      checks,
      ...(live === null ? {} : { live }),
      ...(error === null ? {} : { error }),
    },
    ...(error === null ? {} : { error }),
    ...(live !== null && live.calls > 0 && { paid: { saved: live.report } }),
  };
}

async function checkGateway(flags: CommonFlags, deps: Deps): Promise<Found<Settings>> {
  const settings = await loadSettings(deps, flags);
  const { gateway, notes } = settings;
  const detail = `${gateway.id} ${gateway.baseUrl || '(in this process)'}`;
  return { value: settings, detail, warnings: notes };
}
