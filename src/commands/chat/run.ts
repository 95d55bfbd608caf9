/** The work of `chat`: plan, pay, stream, keep the books. It yields what happens and never prints; the last event is `result` or `error`. */
import { Answer } from '../../client/answer.ts';
import { streamChat } from '../../client/chat.ts';
import type { Deps, Fetch } from '../../deps.ts';
import { CliError } from '../../errors.ts';
import type { OutputEvent } from '../../events.ts';
import type { Gateway } from '../../gateways/types.ts';
import { redact } from '../../redact.ts';
import { toCliError } from '../../render/failure.ts';
import type { Format } from '../../render/format.ts';
import { openGateway } from '../embedded.ts';
import { chatBody } from './body.ts';
import { openBooks } from './books.ts';
import { checkAgainstSchema } from './check-schema.ts';
import { type ChatFacts, failureDocument, successDocument } from './document.ts';
import { dryRun } from './dry-run.ts';
import { requestHeaders } from './headers.ts';
import { adviseOn } from './hints.ts';
import { keepTurn } from './keep-turn.ts';
import type { ChatOptions } from './options.ts';
import { makePlan, type Plan } from './plan.ts';

/** Text kept for the conversation when no JSON asks for all of it: more than a model's context holds. */
const SESSION_TEXT_LIMIT = 1024 * 1024;

/** A server may repeat the key it was sent; nothing that we say in our own words may hold it. */
function withoutKey(event: OutputEvent, plan: Plan | null): OutputEvent {
  const key = plan?.key?.value;
  if (key === undefined) return event;
  if (event.type === 'retry') return { ...event, reason: redact(event.reason, key) };
  const spoken = event.type === 'warning' || event.type === 'status' || event.type === 'trace';
  return spoken ? { ...event, message: redact(event.message, key) } : event;
}

function withoutSecrets(error: CliError, plan: Plan | null): CliError {
  return new CliError(error.exit, redact(error.message, plan?.key?.value ?? null), error.details);
}

interface State {
  plan: Plan | null;
  answer: Answer;
  earlierAttempts: number;
  warnings: string[];
  session: string | null;
}

export async function* runChat(
  options: ChatOptions,
  format: Format,
  deps: Deps,
): AsyncGenerator<OutputEvent, void, undefined> {
  const startedAt = deps.clock.monotonic();
  const limit = format === 'text' ? SESSION_TEXT_LIMIT : Number.POSITIVE_INFINITY;
  const state: State = {
    plan: null,
    answer: new Answer(limit),
    earlierAttempts: 0,
    warnings: [],
    session: null,
  };
  const facts = (): ChatFacts => ({
    gateway: state.plan?.gateway.id ?? null,
    requestedModel: state.plan?.models[0] ?? options.model ?? null,
    answer: state.answer,
    earlierAttempts: state.earlierAttempts,
    startedAt,
    endedAt: deps.clock.monotonic(),
    session: state.session,
    warnings: state.warnings,
  });
  try {
    for await (const event of work(options, limit, state, deps)) {
      const shown = withoutKey(event, state.plan);
      if (shown.type === 'warning') state.warnings.push(shown.message);
      yield shown;
    }
    if (!options.dryRun) yield { type: 'result', ...successDocument(facts()) };
  } catch (thrown) {
    const error = adviseOn(
      withoutSecrets(toCliError(thrown), state.plan),
      state.plan,
      options,
      state.answer,
    );
    if (options.debug && error.exit === 'internal' && error.cause instanceof Error)
      yield { type: 'trace', level: 'debug', message: error.cause.stack ?? error.cause.message };
    yield { type: 'error', ...failureDocument(facts(), error) };
  }
}

async function* work(
  options: ChatOptions,
  limit: number,
  state: State,
  deps: Deps,
): AsyncGenerator<OutputEvent, void, undefined> {
  const plan = yield* makePlan(options, deps);
  state.plan = plan;
  if (options.dryRun) {
    yield { type: 'result', ...(await dryRun(plan, options, deps.version)) };
    return;
  }
  const fetch = await deps.openNetwork({ connectTimeoutMs: plan.settings.timeouts.connectMs });
  const opened = await openGateway(plan.gateway, deps);
  try {
    yield* askModels(options, plan, opened.gateway, limit, state, fetch, deps);
  } finally {
    yield* keepTurn(plan, state.answer, deps);
    await opened.close();
  }
  if (plan.conversation.wanted) state.session = plan.conversation.name;
  yield* judge(options, plan, state.answer);
}

/** The model, then each fallback while the gateway's verdict says that nothing was bought. */
async function* askModels(
  options: ChatOptions,
  plan: Plan,
  gateway: Gateway,
  limit: number,
  state: State,
  fetch: Fetch,
  deps: Deps,
): AsyncGenerator<OutputEvent, void, undefined> {
  for (const [index, model] of plan.models.entries()) {
    if (index > 0) {
      state.earlierAttempts += state.answer.attempts;
      state.answer = new Answer(limit);
    }
    try {
      yield { type: 'start', command: 'chat', gateway: gateway.id, model };
      yield* askOne(model, options, plan, gateway, state.answer, fetch, deps);
      return;
    } catch (error) {
      const next = plan.models[index + 1];
      if (next === undefined || !(error instanceof CliError) || !mayFallBack(error, state.answer))
        throw error;
      const tried = state.earlierAttempts + state.answer.attempts;
      yield {
        type: 'retry',
        attempt: tried + 1,
        wait_ms: 0,
        model: next,
        reason: `${model}: ${error.message} [${error.exit}]`,
      };
    }
  }
}

function mayFallBack(error: CliError, answer: Answer): boolean {
  const aboutTheModel =
    error.exit === 'upstream' || error.exit === 'not_found' || error.exit === 'rate_limited';
  return aboutTheModel && !answer.hasOutput && error.billed === 'no';
}

async function* askOne(
  model: string,
  options: ChatOptions,
  plan: Plan,
  gateway: Gateway,
  answer: Answer,
  fetch: Fetch,
  deps: Deps,
): AsyncGenerator<OutputEvent, void, undefined> {
  const { settings } = plan;
  const body = chatBody(model, options, plan.parts, gateway);
  const books = openBooks(plan, model, answer, deps);
  yield* books.intend();
  const call = {
    gateway,
    url: `${gateway.baseUrl}${gateway.routes.chat ?? ''}`,
    headers: requestHeaders(plan.key?.value ?? null, options.stream, deps.version),
    body,
    model,
    policy: { timeouts: settings.timeouts, maxRetryWaitMs: settings.maxRetryWaitMs },
    debug: options.debug === true,
  };
  try {
    yield* streamChat(call, answer, fetch, deps);
    await books.settle(null);
  } catch (error) {
    await books.settle(toCliError(error));
    throw error;
  } finally {
    // Reached unsettled only when nobody listens any more: stdout is gone.
    await books.abandon();
  }
  if (answer.usage !== null) yield { type: 'usage', model: answer.model, usage: answer.usage };
  yield { type: 'cost', cost: answer.cost };
}

/** What is complete on the wire but may not be what the person wanted. */
async function* judge(
  options: ChatOptions,
  plan: Plan,
  answer: Answer,
): AsyncGenerator<OutputEvent, void, undefined> {
  const problems: string[] = [];
  if (answer.finishReason === 'length')
    problems.push('the answer was cut at the token limit (finish_reason length)');
  else if (answer.text.isEmpty && answer.toolCallPieces.size === 0)
    problems.push('the answer is empty');
  if (plan.parts.schema !== null) {
    const problem = await checkAgainstSchema(answer.text.whole, plan.parts.schema);
    if (problem !== null) problems.push(problem);
  }
  for (const message of problems) yield { type: 'warning', message };
  const [first] = problems;
  if (options.strict && first !== undefined)
    throw new CliError('partial', `--strict: ${first}`, {
      code: answer.finishReason === 'length' ? 'length' : 'not_as_asked',
      billed: 'yes',
      requestId: answer.requestId ?? undefined,
    });
}
