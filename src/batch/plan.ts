/** Decides everything about a batch before its input is read: gateway, key, models, template, caps, the names of its files. A failure here costs nothing. */
import type { Deps } from '../base/deps.ts';
import { CliError } from '../base/errors.ts';
import type { JsonObject } from '../base/json.ts';
import { withoutSecrets } from '../base/secrets.ts';
import { type Catalogue, readCatalogue } from '../client/catalogue.ts';
import { refuseKeyAsName } from '../config/key-as-name.ts';
import type { Key } from '../config/keys.ts';
import { loadSettings, type Settings } from '../config/settings.ts';
import type { Gateway } from '../gateways/types.ts';
import { type Cap, capsOf } from '../money/budget/caps.ts';
import { MOST_PARTS } from '../money/budget/shared-total.ts';
import type { OutputEvent } from '../schemas/events.ts';
import { aliased, isAuto } from '../work/aliases.ts';
import { schemaInstruction } from '../work/ask/body.ts';
import { usesStdin } from '../work/ask/gaps.ts';
import { readTemplate } from '../work/ask/templates.ts';
import { findPrices } from '../work/call/fit.ts';
import { keyFor } from '../work/connection.ts';
import { readSchema } from '../work/input/schema-file.ts';
import { hashOf, hashText } from './line-index.ts';
import type { RequestPlan } from './line-request.ts';
import type { BatchOptions, Shard } from './options.ts';
import { saidBy } from './same-batch.ts';
import { readShard, shardName } from './shard.ts';
import type { FlagHashes, SaidFlags, StateHeader } from './state-file.ts';

export interface BatchPlan {
  settings: Settings;
  gateway: Gateway;
  key: Key | null;
  request: RequestPlan;
  shard: Shard | null;
  /** Absolute. */
  output: string;
  state: string;
  /** Absolute; null: standard input. */
  input: string | null;
  flags: FlagHashes;
  said: SaidFlags;
  /** Of the config; --max-cost is the total of the batch. */
  caps: readonly Cap[];
  /** USD of --max-cost, for all parts together; null without. */
  maxCost: string | null;
  /** The file by which the parts share it; null where they do not. */
  shared: string | null;
  /** null where none is known. */
  prices: Catalogue | null;
}

/**
 * Names of the files. Where a link leads, there are the state and the lock too: one output is one, whatever it is called.
 * Throws `CliError` usage; rejects with the system's error where the output can be no file.
 */
export async function filesOf(
  { out, input, shard: asked }: Pick<BatchOptions, 'out' | 'input' | 'shard'>,
  deps: Pick<Deps, 'env' | 'platform' | 'path' | 'workingDirectory' | 'files'>,
): Promise<Pick<BatchPlan, 'shard' | 'output' | 'state' | 'input' | 'shared'>> {
  const { resolve } = deps.path;
  const shard = asked === undefined ? null : readShard(asked, deps);
  const whole = resolve(deps.workingDirectory, out);
  const output = await realPathOf(shard === null ? whole : shardName(whole, shard, deps), deps);
  const path = input === '-' ? null : resolve(deps.workingDirectory, input);
  const isThere = path !== null && (await deps.files.isTaken(path));
  if (path === output || (isThere && (await realPathOf(path, deps)) === output))
    throw new CliError('usage', `-o ${out}: that is the input`, { code: 'output_is_input' });
  const count = shard?.count ?? 1;
  const shared = count === 1 || count > MOST_PARTS ? null : `${whole}.of-${count}.total`;
  return { shard, output, state: `${output}.state`, input: path, shared };
}

async function realPathOf(path: string, { files }: Pick<Deps, 'files'>): Promise<string> {
  return (await files.isTaken(path)) ? files.realPath(path) : path;
}

/** `header`: of the run before this one; null: it is the first. Yields warnings; throws `CliError` usage, no_key or local_io. */
export async function* makePlan(
  options: BatchOptions,
  files: Awaited<ReturnType<typeof filesOf>>,
  header: StateHeader | null,
  deps: Deps,
): AsyncGenerator<OutputEvent, BatchPlan, undefined> {
  const settings = await loadSettings(deps, options);
  const { gateway, config, places } = settings;
  for (const message of settings.notes) yield { type: 'warning', message };
  if (gateway.routes.chat === undefined)
    throw new CliError('usage', `${gateway.label} has no chat`, { code: 'unsupported' });
  // A dry run sends nothing, so it needs no key and runs no program to get one.
  const key = options.dryRun ? null : yield* keyFor(settings, deps);
  refuseKeyAsName({ '--tag': options.tags }, deps.secrets);
  const template =
    options.template === undefined ? null : await readTemplate(options.template, deps);
  const prompt = options.prompt ?? template?.prompt ?? null;
  if (prompt !== null && usesStdin(prompt))
    throw new CliError('usage', 'a batch has no {{stdin}}: its variables are fields of a line', {
      code: 'missing_variable',
    });
  const schema =
    options.schema === undefined
      ? (template?.schema ?? null)
      : await readSchema(options.schema, deps);
  const fixed = yield* fixedModel(options, header, settings, deps);
  const usual = template?.model ?? config.defaults?.chat?.model ?? gateway.defaultModels.chat;
  const request: RequestPlan = {
    fixedModel: fixed,
    defaultModel: usual === null ? null : aliased(usual, config),
    aliased: (model) => aliased(model, config),
    param: options.param,
    schema,
    instruction: schemaInstruction(schema, gateway.chat),
    system: template?.system ?? null,
    prompt,
    params: template?.params ?? {},
    isText: options.text,
    gateway,
  };
  const budget = options.dryRun ? config.budget : settings.budget;
  const caps = capsOf(budget, undefined, options.tags);
  const cached = await readCatalogue(places.cache, gateway.id, gateway.baseUrl, deps);
  let prices = cached;
  const needsPrices = caps.length > 0 || options.maxCost !== undefined;
  for (const looking = findPrices(settings, cached, deps); ; ) {
    const step = await looking.next();
    if (step.done) {
      prices = step.value;
      break;
    }
    // Where nothing is held against a cap, a list that is not there is worth no warning.
    if (needsPrices || step.value.type !== 'warning') yield step.value;
  }
  const flags = hashesOf(options, request, schema, files.shard);
  return {
    settings,
    gateway,
    key,
    request,
    ...files,
    flags,
    said: withoutSecrets(saidBy(options), deps.secrets),
    caps,
    maxCost: options.maxCost ?? null,
    prices,
  };
}

/** -m, for all lines. What `auto:` was when the batch began stays. */
async function* fixedModel(
  { model, dryRun }: BatchOptions,
  header: StateHeader | null,
  settings: Settings,
  deps: Deps,
): AsyncGenerator<OutputEvent, string | null, undefined> {
  if (model === undefined) return null;
  if (model.trim() === '')
    throw new CliError('usage', '-m: the model is empty', { code: 'no_model' });
  const name = aliased(model, settings.config);
  if (!isAuto(name)) return name;
  if (header?.model != null) return header.model;
  const { chooseAutoModel } = await import('../work/auto-model.ts');
  const wants = { command: 'chat' as const, search: false, needKey: !dryRun };
  return (yield* chooseAutoModel(name, wants, settings, deps)).model;
}

/** What makes the requests, and which lines are of this batch: by the flag that sets it. */
function hashesOf(
  options: BatchOptions,
  { defaultModel, prompt, system, params, fixedModel: fixed }: RequestPlan,
  schema: JsonObject | null,
  shard: Shard | null,
): FlagHashes {
  const { gateway = null, model = null } = options;
  const values: Record<string, unknown> = {
    '--gateway': gateway,
    '--model': model === null ? defaultModel : isAuto(model) ? model : fixed,
    '--param': options.param,
    '--schema': schema,
    '--prompt': options.template === undefined ? prompt : null,
    '--template': options.template === undefined ? null : { prompt, system, params },
    '--text': options.text,
    '--shard': shard,
  };
  return Object.fromEntries(
    Object.entries(values).map(([flag, value]) => [flag, hashText(hashOf(JSON.stringify(value)))]),
  );
}
