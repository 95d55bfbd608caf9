/** The work of `chat` and `search`: plan, ask, and keep what came. It yields events and never prints; the last event is `result` or `error`. */

import type { Deps } from '../../base/deps.ts';
import { CliError, SignalReceived } from '../../base/errors.ts';
import { lossOf } from '../../base/loss.ts';
import { redact } from '../../base/redact.ts';
import { sayUnheard } from '../../base/unheard.ts';
import { Answer } from '../../client/answer.ts';
import type { Format } from '../../flags/common-flags.ts';
import { patienceOf } from '../../flags/money-flags.ts';
import type { OutputEvent } from '../../schemas/events.ts';
import { findPrices, fitCall, holdCalls, planCall } from '../call/fit.ts';
import { loweredDocument, type PlannedCall } from '../call/lower.ts';
import { billedAsTold, type Sending } from '../call/send.ts';
import type { Terms } from '../call/terms.ts';
import { type Connection, connect } from '../connection.ts';
import { type Run, runCommand } from '../run-command.ts';
import { type BodyParts, chatBody } from './body.ts';
import { saveTurn, type Turn } from './conversations.ts';
import { type ChatFacts, failureDocument, successDocument } from './document.ts';
import { dryRun } from './dry-run.ts';
import { judge } from './judge.ts';
import type { AskOptions } from './options.ts';
import { makePlan, type Plan } from './plan.ts';
import type { SavedImages } from './save-images.ts';
import { adviseOn } from './situation.ts';
import { askInSteps, type State } from './steps.ts';
import type { OpenToolbox, Toolbox } from './toolbox.ts';

/** Text saved for the conversation when the JSON does not need all of it: more than a model's context. */
const SESSION_TEXT_LIMIT = 1024 * 1024;

/** `openTools`: the model may call these. */
export function runAsk(
  options: AskOptions,
  format: Format,
  deps: Deps,
  openTools: OpenToolbox | null = null,
): AsyncGenerator<OutputEvent, void, undefined> {
  const limit = format === 'text' ? SESSION_TEXT_LIMIT : Number.POSITIVE_INFINITY;
  const state: State = {
    plan: null,
    answer: new Answer(limit),
    earlierAttempts: 0,
    session: null,
    searched: null,
    sent: null,
    files: [],
    urls: [],
    toolbox: null,
    steps: 0,
    usage: null,
    isSaved: false,
    isAdded: false,
    images: [],
  };
  const facts = ({ startedAt, warnings }: Run): ChatFacts => ({
    command: options.command,
    gateway: state.plan?.gateway.id ?? null,
    requestedModel: state.plan?.models[0] ?? options.model ?? null,
    autoChoice: state.plan?.autoChoice ?? null,
    answer: state.answer,
    earlierAttempts: state.earlierAttempts,
    startedAt,
    endedAt: deps.clock.monotonic(),
    session: state.session,
    warnings,
    searched: state.searched,
    cap: state.sent === null ? null : loweredDocument(state.sent),
    files: state.files,
    urls: state.urls,
    toolbox: state.toolbox,
    steps: state.steps,
    usage: state.usage,
  });
  return runCommand(
    {
      debug: options.debug === true,
      key: () => state.plan?.key?.value ?? null,
      work: () => work(options, { limit, openTools }, state, deps),
      success: (run) =>
        options.dryRun ? null : { type: 'result', ...successDocument(facts(run)) },
      explain: (error) => adviseOn(billedAsTold(error, state.answer), state, options, deps),
      failure: (error, run) => ({ type: 'error', ...failureDocument(facts(run), error) }),
    },
    deps,
  );
}

async function* work(
  given: AskOptions,
  { limit, openTools }: { limit: number; openTools: OpenToolbox | null },
  state: State,
  deps: Deps,
): AsyncGenerator<OutputEvent, void, undefined> {
  const options = await templated(given, deps);
  const plan = yield* makePlan(options, deps);
  state.plan = plan;
  const toolbox = openTools === null ? null : yield* openTools(plan, options, deps);
  state.toolbox = toolbox;
  try {
    yield* withTools(plan, options, limit, state, deps);
  } finally {
    await toolbox?.close();
  }
}

async function* withTools(
  plan: Plan,
  options: AskOptions,
  limit: number,
  state: State,
  deps: Deps,
): AsyncGenerator<OutputEvent, void, undefined> {
  const needsPrices = options.dryRun === true || plan.caps.length > 0;
  const prices = needsPrices
    ? yield* findPrices(plan.settings, plan.catalogue, deps)
    : plan.catalogue;
  const terms = termsOf(plan, options, prices);
  const planned = (now: Terms): PlannedCall[] =>
    plan.models.map((model) => {
      const body = chatBody(model, options, partsOf(plan, state.toolbox), plan.gateway);
      return planCall(model, body, now, needsPrices);
    });
  const calls = planned(terms);
  if (options.dryRun) {
    const fitted: PlannedCall[] = [];
    for (const call of calls) fitted.push(await fitCall(call, terms, deps));
    yield { type: 'result', ...(await dryRun(plan, fitted, options, deps)) };
    return;
  }
  yield* holdCalls(calls, terms, deps);
  const connection = await connect(plan.settings, plan.key, deps);
  state.plan = { ...plan, gateway: connection.gateway };
  let failure: { error: unknown } | null = null;
  let isWhole = false;
  let kept: Kept | null = null;
  let isSaid = false;
  let images: SavedImages | null = null;
  try {
    const how: Sending = {
      terms,
      connection,
      stream: options.stream,
      debug: options.debug === true,
      sending: (call) => {
        state.sent = call;
      },
      unwritten: () => {
        isSaid = true;
      },
      judge: (answer) => judge(options, plan.parts, answer),
    };
    yield* askInSteps(calls, how, { options, plan, planned, limit }, state, deps);
    isWhole = true;
  } catch (error) {
    failure = { error };
  } finally {
    // Also after the output was closed; so nothing is yielded here.
    kept = await keepTurn(plan, state, { options, isCut: !isWhole, isSaid }, deps);
    state.isSaved =
      kept !== null && (kept.isSaved || (options.live !== undefined && kept.problem === null));
    images = await keepImages(plan, options, state, connection, deps);
    const isClosed = !isWhole && failure === null;
    const problems = [
      kept?.problem ?? null,
      ...(images?.warnings ?? []),
      images?.failure?.message ?? null,
    ];
    if (isClosed)
      for (const problem of problems)
        await sayUnheard(problem && redact(problem, plan.key?.value ?? null), deps);
    await connection.close();
  }
  // A conversation that nobody asked for is a convenience, and its answer was shown.
  if (kept?.problem)
    yield plan.conversation.wanted
      ? lossOf('conversation', kept.problem)
      : { type: 'warning', message: kept.problem };
  else if (kept?.isSaved) yield { type: 'kept', session: plan.conversation.name };
  if (plan.conversation.wanted) state.session = plan.conversation.name;
  for (const message of images?.warnings ?? []) yield { type: 'warning', message };
  // The error of this machine comes first, after a signal.
  const lost = images?.failure ?? null;
  const isFirst = failure === null || (lost?.exit === 'local_io' && !isStop(failure.error));
  if (lost !== null && isFirst) throw lost;
  if (failure !== null) throw failure.error;
}

/** The messages so far, and what the model may call. */
function partsOf({ parts }: Plan, toolbox: Toolbox | null): BodyParts {
  if (toolbox === null) return parts;
  const { definitions, messages } = toolbox;
  return { ...parts, messages: [...parts.messages, ...messages], tools: definitions };
}

/** What the calls are made under. */
function termsOf(plan: Plan, options: AskOptions, prices: Terms['prices']): Terms {
  const { settings, gateway, key, tags, caps, conversation } = plan;
  return {
    command: options.command,
    session: conversation.wanted ? conversation.name : null,
    ...{ settings, gateway, key, tags, caps, prices },
    extras: options,
    patience: patienceOf(options, settings.deadlineAt),
  };
}

/** Few calls have a template, and only those load what reads one. */
async function templated(options: AskOptions, deps: Deps): Promise<AskOptions> {
  if (options.template === undefined && options.var === undefined) return options;
  const { withTemplate } = await import('./templates.ts');
  return withTemplate(options, deps);
}

/** Saves the images of the answer, also of one that broke off; null where it has none. */
async function keepImages(
  plan: Plan,
  { out }: AskOptions,
  state: State,
  connection: Connection,
  deps: Deps,
): Promise<SavedImages | null> {
  const list = [...state.images, ...state.answer.images.list];
  if (list.length === 0) return null;
  const { resolve, dirname } = deps.path;
  const given = resolve(deps.workingDirectory, out ?? '.');
  // Where the working directory cannot be written, and nothing else was requested: beside the conversations.
  const places = out === undefined ? [given, dirname(plan.settings.places.sessions)] : [given];
  const { saveImages } = await import('./save-images.ts');
  const saved = await saveImages(list, places, { connection, deps });
  state.files = saved.files;
  state.urls = saved.urls;
  return saved;
}

function isStop(error: unknown): boolean {
  return error instanceof SignalReceived || (error instanceof CliError && error.isStop);
}

/** What became of a turn. `problem`: why it is not saved, if that is to be said. */
interface Kept {
  isSaved: boolean;
  problem: string | null;
}

/** Saves one turn of a conversation, also one that was cut off. null: there is nothing to save, or it is not wanted. */
async function keepTurn(
  plan: Plan,
  { answer, toolbox, isAdded }: State,
  { options, isCut, isSaid }: { options: AskOptions; isCut: boolean; isSaid: boolean },
  deps: Pick<Deps, 'files' | 'path' | 'clock'>,
): Promise<Kept | null> {
  const { conversation } = plan;
  const steps = toolbox?.messages ?? [];
  if (!conversation.save || (answer.text.isEmpty && steps.length === 0)) return null;
  const text = answer.text.whole;
  if (text === null)
    return unsaved('the conversation is not saved: the answer is larger than 1 MB');
  const { live, search } = options;
  const cost = toolbox === null ? answer.cost : toolbox.bill().cost;
  const turn: Turn = {
    v: 1,
    at: new Date(deps.clock.now()).toISOString(),
    gateway: plan.gateway.id,
    model: plan.models[0],
    system: plan.system,
    messages: [
      plan.userMessage,
      ...steps,
      ...(isAdded || text === '' ? [] : [{ role: 'assistant' as const, content: text }]),
    ],
    ...(cost.amount !== null && { cost }),
    ...(isCut && { cut: true }),
    ...(options.command === 'search' && search && { search: true }),
    ...(live?.replaces !== undefined && { replaces: live.replaces }),
  };
  const key = plan.key?.value ?? null;
  if (live !== undefined) return unsaved(await live.keep(turn, key));
  const { fresh } = conversation;
  const directory = plan.settings.places.sessions;
  const problem = await saveTurn(directory, conversation.name, turn, { fresh, key }, deps);
  if (problem === null) return { isSaved: true, problem };
  // The ledger is beside it, and one warning is enough for what was not asked for by name.
  return unsaved(isSaid && !conversation.wanted ? null : problem);
}

function unsaved(problem: string | null): Kept {
  return { isSaved: false, problem };
}
