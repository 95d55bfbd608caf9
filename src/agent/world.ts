/** What the requests of one run share: settings, key, gateway, price list. Opened at the start of a run, and closed at its end. */
import type { Deps } from '../base/deps.ts';
import { CliError } from '../base/errors.ts';
import { runStep } from '../base/next-step.ts';
import { type Catalogue, readCatalogue } from '../client/catalogue.ts';
import { checkKey } from '../config/key-rules.ts';
import { loadSettings } from '../config/settings.ts';
import { tagsOf } from '../config/tags.ts';
import { abilities } from '../gateways/index.ts';
import { type Cap, capsOf, ownCap, ownCaps } from '../money/budget/caps.ts';
import { bookOf } from '../money/budget/state.ts';
import { formatDecimal, notBelowZero } from '../money/decimal.ts';
import { isReported, playGateway } from '../money/play.ts';
import type { OutputEvent } from '../schemas/events.ts';
import { aliased } from '../work/aliases.ts';
import { checkSearch } from '../work/ask/search-rules.ts';
import { findPrices } from '../work/call/fit.ts';
import { noExtras, type Terms } from '../work/call/terms.ts';
import { type Connection, connect, findKeyFor } from '../work/connection.ts';
import type { Options } from './options.ts';
import type { Purse } from './purse.ts';

/** As the ledger names our calls. */
const COMMAND = 'agent';

/** How long a call waits for others under the same budget, as on the command line. */
const HOLD_MS = 30_000;

export interface World {
  readonly options: Options;
  readonly purse: Purse;
  readonly connection: Connection;
  readonly deps: Deps;
  /** The model, then the fallbacks. */
  readonly models: readonly [string, ...string[]];
  readonly tags: readonly string[];
  /** The price list; null where it is not needed, or where there is none. */
  readonly prices: Catalogue | null;
  /** What a request is made under at this moment. */
  terms(): Terms;
  /** Tokens that the model can take; null where that is not known. */
  contextOf(model: string): number | null;
  close(): Promise<void>;
  /** Where tools save files; absent: the working directory. */
  readonly directory?: string;
  /** Gets what a purchase of a tool has to say on its way, such as the id of its task; absent: nobody listens. */
  report?(event: OutputEvent): void;
}

/** `warn` gets each warning once. Throws `CliError` usage, no_key or local_io; nothing is sent but for a price list. */
export async function openWorld(
  options: Options,
  purse: Purse,
  warn: (message: string) => void,
  deps: Deps,
): Promise<World> {
  const { gateway: name, baseUrl, hooks } = options;
  const loaded = await loadSettings(deps, { gateway: name, baseUrl });
  const { gateway, places } = loaded;
  for (const note of loaded.notes) warn(note);
  if (gateway.routes.chat === undefined)
    throw new CliError('usage', `${gateway.label} has no chat`, { code: 'unsupported' });
  const tags = tagsOf({ tag: options.tags }, deps);
  const key = await keyOf(options, loaded, warn, deps);
  const models = modelsOf(options, loaded);
  if (options.enableSearch)
    for (const model of models) {
      const warning = checkSearch(model, { command: 'chat', search: true }, gateway);
      if (warning !== null) warn(warning);
    }
  const budget = capsOf(loaded.budget, undefined, tags);
  const isCapped = budget.length > 0 || purse.left !== null;
  // A gateway that bills in its replies needs no list for what was bought.
  const reports = abilities.cost(gateway);
  const cached =
    isCapped || !reports || hooks.prepareMessages !== undefined
      ? await readCatalogue(places.cache, gateway.id, gateway.baseUrl, deps)
      : null;
  const prices = isCapped ? await finish(findPrices(loaded, cached, deps), warn) : cached;
  const connection = await connect(loaded, key, deps);
  const listed = new Map(prices?.models.map((model) => [model.id, model]));
  return {
    options,
    purse,
    deps,
    models,
    tags,
    prices,
    // --timeout of the config is for one request, not for the run.
    get connection() {
      const deadlineAt = deadlineOf(loaded.timeouts.totalMs, deps);
      return { ...connection, policy: { ...connection.policy, deadlineAt } };
    },
    terms: () => {
      const deadlineAt = deadlineOf(loaded.timeouts.totalMs, deps);
      return {
        command: COMMAND,
        session: options.session,
        settings: { ...loaded, deadlineAt },
        gateway: connection.gateway,
        key,
        tags,
        caps: [...ownCapOf(purse), ...budget],
        prices,
        extras: noExtras,
        patience: { holdMs: HOLD_MS, deadlineAt },
      };
    },
    contextOf: (model) => listed.get(model)?.context ?? null,
    close: () => connection.close(),
  };
}

/** Runs work that only has warnings to tell. */
export async function finish<T>(
  work: AsyncGenerator<OutputEvent, T, undefined>,
  warn: (message: string) => void,
): Promise<T> {
  let step = await work.next();
  while (!step.done) {
    if (step.value.type === 'warning') warn(step.value.message);
    step = await work.next();
  }
  return step.value;
}

type Settings = Awaited<ReturnType<typeof loadSettings>>;

async function keyOf(
  { apiKey }: Options,
  settings: Settings,
  warn: (message: string) => void,
  deps: Deps,
): Promise<Connection['key']> {
  if (apiKey !== null && !settings.gateway.embedded)
    return { value: checkKey(apiKey, 'apiKey'), source: 'apiKey' };
  const { key, warnings } = await findKeyFor(settings, deps);
  warnings.forEach(warn);
  return key;
}

function modelsOf(
  { model, fallback }: Options,
  { gateway, config }: Settings,
): readonly [string, ...string[]] {
  const { agent, chat } = gateway.defaultModels;
  const wanted = model ?? agent ?? config.defaults?.chat?.model ?? chat;
  if (wanted === null || wanted.trim() === '')
    throw new CliError('usage', `${gateway.label} has no default model: name one`, {
      code: 'no_model',
      next: [
        { ...runStep(['models', '-g', gateway.id]), why: 'see its models' },
        runStep(['config', 'set', 'defaults.chat.model'], '<model>'),
      ],
    });
  const [first, ...others] = [wanted, ...fallback].map((one) => aliased(one, config));
  return [first ?? wanted, ...new Set(others.filter((one) => one !== first))];
}

/** What is left under maxCost, as a cap on the next call. */
function ownCapOf({ left }: Purse): Cap[] {
  if (left === null) return [];
  return [ownCap(ownCaps.agent, formatDecimal(notBelowZero(left)))];
}

function deadlineOf(totalMs: number | null, { clock }: Pick<Deps, 'clock'>): number | null {
  return totalMs === null ? null : clock.monotonic() + totalMs;
}

/** What earlier processes have spent under this name, in USD; calls without an outcome count at their bound; null where there is none. */
export async function spentBefore(
  session: string,
  { connection, deps }: Pick<World, 'connection' | 'deps'>,
): Promise<(string | null)[]> {
  const { readCalls } = await import('../money/ledger/calls.ts');
  const { gateway, settings } = connection;
  const amounts: (string | null)[] = [];
  const { isPlay } = bookOf(settings.places, gateway.id);
  const isOurs = (line: { session: string | null; gateway: string }): boolean =>
    line.session === session && isReported(line.gateway, isPlay ? playGateway : null);
  await readCalls(
    settings.places.ledger,
    { since: '', until: null },
    {
      settled: (line) => {
        if (!isOurs(line)) return;
        const { amount, currency } = line.cost;
        if (amount !== null && currency === 'USD') amounts.push(amount);
        else if (line.billed !== 'no') amounts.push(line.bound ?? null);
      },
      open: (line) => {
        if (isOurs(line)) amounts.push(line.bound ?? null);
      },
    },
    deps,
  );
  return amounts;
}
