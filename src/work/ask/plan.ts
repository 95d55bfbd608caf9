/** Decides everything about a chat call before anything is sent: gateway, model, messages, key. A failure here costs nothing. */

import type { Deps } from '../../base/deps.ts';
import { namesDirectory } from '../../base/directory-path.ts';
import { CliError } from '../../base/errors.ts';
import { lossOf } from '../../base/loss.ts';
import { type NextStep, runStep, say } from '../../base/next-step.ts';
import { shellWord } from '../../base/shell-word.ts';
import { type Catalogue, readCatalogue } from '../../client/catalogue.ts';
import { refuseKeyAsName } from '../../config/key-as-name.ts';
import type { Key } from '../../config/keys.ts';
import { loadSettings, type Settings } from '../../config/settings.ts';
import { tagsOf } from '../../config/tags.ts';
import { variable } from '../../config/variable.ts';
import type { Gateway } from '../../gateways/types.ts';
import { type Cap, capsOf } from '../../money/budget/caps.ts';
import type { AutoChoice } from '../../schemas/auto-choice.ts';
import type { Config } from '../../schemas/config.ts';
import type { OutputEvent } from '../../schemas/events.ts';
import { aliased, isAuto } from '../aliases.ts';
import { keyFor } from '../connection.ts';
import { readTextFile } from '../input/attachments.ts';
import { inTime } from '../input/in-time.ts';
import { readSchema } from '../input/schema-file.ts';
import {
  type BodyParts,
  checkFeatures,
  schemaInstruction,
  together,
  type WireMessage,
} from './body.ts';
import {
  type Conversation,
  checkSessionName,
  damagedWords,
  LAST_SESSION,
  type Message,
  newestSession,
  readSession,
} from './conversations.ts';
import { knowledgeOf } from './first-word.ts';
import { modelOf } from './model-of.ts';
import { noSession } from './no-session.ts';
import { type AskOptions, SEARCH_MAX_TOKENS } from './options.ts';
import { checkThatThereIsSomething, type Prompt, readPrompt } from './prompt.ts';
import { checkSearch, noSearch } from './search-rules.ts';
import { whichConversation } from './which-conversation.ts';

export interface Plan {
  readonly settings: Settings;
  readonly gateway: Gateway;
  readonly key: Key | null;
  /** The requested model, then the fallbacks. */
  readonly models: readonly [string, ...string[]];
  /** How the first one was chosen, for `auto:…`; null where it was named. */
  readonly autoChoice: AutoChoice | null;
  readonly parts: BodyParts;
  readonly userMessage: Message;
  /** The value of `--system`; null without one. */
  readonly system: string | null;
  readonly conversation: ConversationChoice;
  readonly tags: readonly string[];
  /** The caps on the call. */
  readonly caps: readonly Cap[];
  /** The cached model list; null when there is none. */
  readonly catalogue: Catalogue | null;
}

interface ConversationChoice {
  name: string;
  /** Start the file over. */
  fresh: boolean;
  /** It was requested by name or with -c: warn when it cannot be saved. */
  wanted: boolean;
  save: boolean;
}

/** Yields warnings; throws `CliError` usage, no_key or local_io. Only files and standard input are touched. */
export async function* makePlan(
  options: AskOptions,
  deps: Deps,
): AsyncGenerator<OutputEvent, Plan, undefined> {
  checkThatThereIsSomething(options, deps);
  if (options.out !== undefined && options.dryRun !== true) await checkOut(options.out, deps);
  const tags = tagsOf(options, deps);
  const settings = await loadSettings(deps, options);
  const { gateway, config, places } = settings;
  const usual = defaultsOf(options, config);
  for (const message of settings.notes) yield { type: 'warning', message };
  yield { type: 'layout', markdown: layoutOf(options, config) };
  if (gateway.routes.chat === undefined)
    throw new CliError('usage', `${gateway.label} has no chat`, { code: 'unsupported' });
  if (options.search && gateway.chat.search === null) throw noSearch(options, gateway);
  const { session, conversation } = await openConversation(options, settings, deps);
  checkSameGateway(session, conversation.name, gateway, options, deps);
  // A dry run sends nothing, so it needs no key and runs no program to get one.
  const key = options.dryRun ? null : yield* keyFor(settings, deps);
  refuseKeyAsName({ '--tag': tags, '--session': options.session }, deps.secrets);
  if (session !== null && options.live === undefined)
    yield { type: 'status', message: whichConversation(session, deps.clock.now()) };
  const damaged = session === null ? null : damagedWords(session);
  if (damaged !== null) yield lossOf('conversation', damaged);
  const catalogue = await readCatalogue(places.cache, gateway.id, gateway.baseUrl, deps);
  const known = knowledgeOf(settings, catalogue);
  const { schema, system, prompt } = yield* readInput(options, usual.system, known, settings, deps);
  const wanted = chooseModel(options, prompt.modelWord, session, settings);
  const fallback = options.fallback.length > 0 ? options.fallback : (usual.fallback ?? []);
  checkFeatures(options, gateway);
  const named = [wanted, ...fallback.map((name) => aliased(name, settings.config))];
  const { models, autoChoice } = yield* withChoices(named, options, settings, deps);
  for (const id of models) {
    const warning = checkSearch(id, options, gateway);
    if (warning !== null) yield { type: 'warning', message: warning };
  }
  const userMessage: Message = { role: 'user', content: prompt.content };
  const spoken = system ?? session?.turns.findLast((turn) => turn.system !== null)?.system ?? null;
  return {
    settings,
    gateway,
    key,
    models,
    autoChoice,
    parts: {
      messages: compose([spoken, schemaInstruction(schema, gateway.chat)], session, userMessage),
      schema,
      temperature: options.temperature ?? usual.temperature,
      maxTokens: options.maxTokens ?? usual.max_tokens,
    },
    userMessage,
    system,
    conversation,
    tags,
    // What is only shown is held against all limits, whoever holds them.
    caps: capsOf(options.dryRun ? config.budget : settings.budget, options.maxCost, tags),
    catalogue,
  };
}

/** JSON that was asked for is not laid out: its stars and underscores are no markup. */
function layoutOf(
  { markdown, jsonObject, schema }: AskOptions,
  { render }: Config,
): 'auto' | 'always' | 'never' {
  if (markdown !== undefined) return markdown ? 'always' : 'never';
  if (jsonObject || schema !== undefined) return 'never';
  return render?.markdown ?? 'auto';
}

/** Each model once, and what `auto:…` among them stands for now. */
async function* withChoices(
  named: readonly string[],
  { command, search, force, dryRun }: AskOptions,
  settings: Settings,
  deps: Deps,
): AsyncGenerator<OutputEvent, Pick<Plan, 'models' | 'autoChoice'>, undefined> {
  const wants = {
    command,
    search: search === true && force !== true,
    needKey: dryRun !== true,
  };
  const ids: string[] = [];
  let autoChoice: AutoChoice | null = null;
  for (const [index, name] of named.entries()) {
    if (!isAuto(name)) {
      ids.push(name);
      continue;
    }
    const { chooseAutoModel } = await import('../auto-model.ts');
    const choice = yield* chooseAutoModel(name, wants, settings, deps);
    if (index === 0) autoChoice = choice;
    ids.push(choice.model);
  }
  const models = [...new Set(ids)] as [string, ...string[]];
  return { models, autoChoice };
}

/**
 * What was said to one server, perhaps on this machine, goes to another only if somebody says so: by a flag or a variable, and
 * not by a default.
 */
function checkSameGateway(
  session: Conversation | null,
  name: string,
  gateway: Gateway,
  options: Pick<AskOptions, 'gateway' | 'baseUrl'>,
  deps: Deps,
): void {
  const before = session?.turns.at(-1)?.gateway;
  const isChosen =
    options.gateway !== undefined ||
    options.baseUrl !== undefined ||
    variable(deps, 'ALLTOKEN_GATEWAY') !== undefined;
  if (before === undefined || before === '' || before === gateway.id || isChosen) return;
  throw new CliError(
    'usage',
    `the conversation ${name} was with ${before}, and this would send all of it to ${gateway.label}; nothing was sent`,
    {
      code: 'other_gateway',
      next: [
        { do: 'set-flag', flag: '--gateway', value: before, why: 'go on there' },
        { do: 'set-flag', flag: '--gateway', value: gateway.id, why: 'send it here' },
      ],
    },
  );
}

/** Images are rare, but a directory that was named must be there before anything is bought. */
async function checkOut(out: string, deps: Deps): Promise<void> {
  const { checkTarget } = await import('../../jobs/target.ts');
  const path = deps.path.resolve(deps.workingDirectory, out);
  const there = await deps.files.status(path).catch(() => null);
  const looksLikeFile = deps.path.extname(path) !== '' && !namesDirectory(out);
  if (there === null ? looksLikeFile : !there.isDirectory) throw notForText(out, path, there);
  await checkTarget(path, [], 0, false, deps);
}

/** Of other programs -o is the file for the answer. */
function notForText(out: string, path: string, there: object | null): CliError {
  const problem = there === null ? `${path} does not exist` : `${path} is not a directory`;
  const make: NextStep = { do: 'run', argv: ['mkdir', '-p', path], why: 'make the directory' };
  return new CliError(
    'local_io',
    `-o is the directory for images of the answer, and ${problem}; nothing was bought`,
    {
      code: 'no_directory',
      billed: 'no',
      // A file that is there would be written over.
      next:
        there === null
          ? [
              say(`save the text of the answer with >${shellWord(out)} in place of -o`, 'shell'),
              make,
            ]
          : { do: 'leave-out', flag: '--out', why: 'print the answer' },
    },
  );
}

/** The config's defaults where no flag is set; a search is not a conversation and uses no defaults of `chat`. */
function defaultsOf(
  { command }: AskOptions,
  { defaults }: Config,
): NonNullable<NonNullable<Config['defaults']>['chat']> {
  if (command === 'chat') return defaults?.chat ?? {};
  return { max_tokens: defaults?.search?.max_tokens ?? SEARCH_MAX_TOKENS };
}

async function openConversation(
  options: AskOptions,
  settings: Settings,
  deps: Deps,
): Promise<{ session: Conversation | null; conversation: ConversationChoice }> {
  const { live } = options;
  if (live !== undefined) {
    const name = live.session ?? LAST_SESSION;
    return {
      session: { name, turns: [...live.turns], costs: [], damaged: 0, isEmpty: false },
      conversation: { name, fresh: false, wanted: live.session !== null, save: true },
    };
  }
  const directory = settings.places.sessions;
  if (options.session !== undefined) checkSessionName(options.session);
  const wanted = options.session !== undefined || options.continue === true;
  const keeps = options.save && (wanted || settings.config.defaults?.chat?.save !== false);
  if (!wanted)
    return {
      session: null,
      conversation: { name: LAST_SESSION, fresh: true, wanted, save: keeps },
    };
  const name = options.session ?? (await newestSession(directory, deps));
  if (name === null) throw noSession();
  const session = await readSession(directory, name, deps);
  return { session, conversation: { name, fresh: false, wanted, save: keeps } };
}

function chooseModel(
  options: AskOptions,
  word: string | null,
  session: Conversation | null,
  settings: Settings,
): string {
  const { gateway, config } = settings;
  if (options.model !== undefined) {
    if (options.model.trim() === '')
      throw new CliError('usage', '-m: the model is empty', { code: 'no_model' });
    return aliased(options.model, settings.config);
  }
  const spoken = modelOf(session?.turns ?? [], gateway.id, options.command);
  const usual = options.search ? gateway.defaultModels.search : undefined;
  const ours = options.search ? config.defaults?.search?.model : undefined;
  const model =
    word ??
    options.prepared?.model ??
    spoken ??
    ours ??
    usual ??
    config.defaults?.chat?.model ??
    gateway.defaultModels.chat;
  if (model !== null) return aliased(model, settings.config);
  throw new CliError('usage', `${gateway.label} has no default model`, {
    code: 'no_model',
    next: [
      { ...runStep(['models', '-g', gateway.id]), why: 'see its models' },
      runStep([options.command, '-g', gateway.id, '-m'], '<model> …'),
      runStep(['config', 'set', `defaults.${options.command}.model`], '<model>'),
    ],
  });
}

interface Input {
  schema: BodyParts['schema'];
  system: string | null;
  prompt: Prompt;
}

/** All that is read from files and standard input, until --timeout is over. */
async function* readInput(
  options: AskOptions,
  usualSystem: string | undefined,
  known: Parameters<typeof readPrompt>[1],
  { deadlineAt }: Settings,
  outer: Deps,
): AsyncGenerator<OutputEvent, Input, undefined> {
  const { prepared, live } = options;
  const { deps, stop } = inTime(deadlineAt, outer);
  try {
    const schema =
      options.schema === undefined
        ? (prepared?.schema ?? null)
        : await readSchema(options.schema, deps);
    const ours = options.system === undefined ? (prepared?.system ?? null) : null;
    const system = live?.system ?? ours ?? (await readSystem(options.system ?? usualSystem, deps));
    return { schema, system, prompt: yield* readPrompt(options, known, deps) };
  } finally {
    stop();
  }
}

async function readSystem(value: string | undefined, deps: Deps): Promise<string | null> {
  if (value === undefined) return null;
  if (!value.startsWith('@')) return value;
  return readTextFile(value.slice(1), '--system', deps);
}

function compose(
  texts: readonly (string | null)[],
  session: Conversation | null,
  user: Message,
): WireMessage[] {
  const instructions = together(texts);
  return [
    ...(instructions === '' ? [] : [{ role: 'system' as const, content: instructions }]),
    ...(session?.turns.flatMap((turn) => turn.messages) ?? []),
    user,
  ];
}
