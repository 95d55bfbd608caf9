/** One paid request to one model, with its ledger lines and the checks on the answer. It retries nothing itself. */

import { boundedJson, boundedText } from '../../base/bounded-json.ts';
import type { Deps } from '../../base/deps.ts';
import { toCliError } from '../../base/error-document.ts';
import { CliError } from '../../base/errors.ts';
import { asObject, oneLine } from '../../base/json.ts';
import { type NextStep, stepsOf } from '../../base/next-step.ts';
import type { Answer } from '../../client/answer.ts';
import { type Catalogue, readCatalogue } from '../../client/catalogue.ts';
import { streamChat } from '../../client/chat.ts';
import type { Settings } from '../../config/settings.ts';
import { patienceOf } from '../../flags/money-flags.ts';
import { readUsageCost, unknownCost } from '../../money/amount.ts';
import { lessTokens, moreFor } from '../../money/budget/refusal.ts';
import { reserve } from '../../money/budget/reserve.ts';
import { bookOf } from '../../money/budget/state.ts';
import { estimateCost } from '../../money/estimate.ts';
import { tokenCounts } from '../../money/token-counts.ts';
import type { Cost } from '../../schemas/common.ts';
import type { OutputEvent } from '../../schemas/events.ts';
import type { Connection } from '../connection.ts';
import { errorWithoutKey } from '../redact-key.ts';
import { requestHeaders } from '../request-headers.ts';
import { uncounted } from './bounds.ts';
import { type Books, openBooks } from './call-ledger.ts';
import { type Lowered, loweredWords, type PlannedCall } from './lower.ts';
import { fitCall, shorterSteps } from './money.ts';
import type { AskOptions } from './options.ts';
import type { Plan } from './plan.ts';

/** What is the same for all models of a call. */
export interface Asking {
  options: AskOptions;
  plan: Plan;
  /** The price list; null if none is known. */
  prices: Catalogue | null;
  connection: Connection;
  deps: Deps;
  /** Gets each request right before it is sent. */
  sending(call: PlannedCall): void;
}

/** Fills `answer`; throws one `CliError` when there is none, or none that --strict accepts. */
export async function* askModel(
  planned: PlannedCall,
  answer: Answer,
  asking: Asking,
): AsyncGenerator<OutputEvent, void, undefined> {
  const { options, plan, prices, connection, deps } = asking;
  const { settings, gateway, policy, fetch } = connection;
  const key = connection.key?.value ?? null;
  const { fitted, books } = yield* holdCall(planned, answer, asking);
  const { model, body } = fitted;
  asking.sending(fitted);
  const call = {
    gateway,
    url: `${gateway.baseUrl}${gateway.routes.chat ?? ''}`,
    headers: requestHeaders(key, options.stream, deps.version),
    body,
    model,
    policy,
    debug: options.debug === true,
  };
  yield* books.intend();
  const words = loweredWords(fitted);
  if (words !== null) yield { type: 'trace', level: 'verbose', message: words };
  let failure: CliError | null = null;
  let finished = false;
  let unwritten: string | null = null;
  try {
    yield* streamChat(call, answer, fetch, deps);
    const reported = gateway.costInUsage ? readUsageCost(answer.usage) : null;
    if (reported !== null) {
      answer.cost = reported.cost;
      answer.costNote = reported.note;
    }
    if (answer.costNote !== null) yield { type: 'warning', message: answer.costNote };
    else if (answer.cost.amount === null)
      answer.cost = await priceOf(answer, { model, body, prices }, settings, deps);
    yield* judge(options, plan, fitted, answer);
    finished = true;
  } catch (thrown) {
    failure = billedAsTold(errorWithoutKey(toCliError(thrown), key), answer);
    finished = true;
  } finally {
    // Some gateways send the id only in the body of an error.
    answer.requestId ??= failure?.details.requestId ?? null;
    boundAnswer(answer, key);
    unwritten = await books.settle(failure, finished);
  }
  if (unwritten !== null) yield { type: 'warning', message: unwritten };
  if (answer.usage !== null) yield { type: 'usage', model: answer.model, usage: answer.usage };
  if (failure === null || answer.cost.amount !== null) yield { type: 'cost', cost: answer.cost };
  if (failure !== null) throw failure;
}

/** What a server says around the answer may be of any size, and may repeat the key. The text itself is not changed. */
function boundAnswer(answer: Answer, key: string | null): void {
  const text = (words: string | null): string | null =>
    words === null ? null : boundedText(words, key);
  answer.id = text(answer.id);
  answer.model = text(answer.model);
  answer.requestId = text(answer.requestId);
  answer.finishReason = text(answer.finishReason);
  answer.serviceTier = text(answer.serviceTier);
  answer.usage = asObject(boundedJson(answer.usage, key));
}

/** How often a call is made shorter because others have spent what was left for it. */
const FIT_TRIES = 4;

/** Reserves what the call can cost, as short as the caps make it at this moment. Throws `CliError` budget. */
async function* holdCall(
  planned: PlannedCall,
  answer: Answer,
  { options, plan, prices, deps }: Asking,
): AsyncGenerator<OutputEvent, { fitted: PlannedCall; books: Books }, undefined> {
  const { caps, tags, settings, gateway } = plan;
  let fitted = await fitCall(planned, plan, prices, options, deps);
  for (let tries = 1; ; tries += 1) {
    const bound = fitted.bounds?.bound ?? null;
    const books = openBooks(options, plan, fitted.model, answer, bound, deps);
    if (bound === null) return { fitted, books };
    try {
      const purchase = { call: books.call, gateway: gateway.id, tags, caps, bound };
      const patience = patienceOf(options, settings.deadlineAt);
      yield* reserve(purchase, bookOf(settings.places, gateway.id), patience, deps);
      return { fitted, books };
    } catch (error) {
      const next = await shorter(error, fitted, tries, () =>
        fitCall(planned, plan, prices, options, deps),
      );
      if (next === null) throw exactly(error, fitted);
      fitted = next;
    }
  }
}

/** null where the refusal stands. */
async function shorter(
  error: unknown,
  { lowered }: PlannedCall,
  tries: number,
  fit: () => Promise<PlannedCall>,
): Promise<PlannedCall | null> {
  if (!isRefusal(error) || tries === FIT_TRIES) return null;
  const next = await fit();
  // Where there was room for the whole answer, none was lowered.
  const limitOf = (one: Lowered | null): number => one?.maxTokens ?? Number.POSITIVE_INFINITY;
  return limitOf(next.lowered) < limitOf(lowered) ? next : null;
}

/** A refusal names the number of tokens that is still paid for. */
function exactly(error: unknown, fitted: PlannedCall): unknown {
  if (!isRefusal(error) || fitted.lowered === null) return error;
  const others = stepsOf(error.details.next).filter((step) => !isLessTokens(step));
  return error.changed({ next: [...shorterSteps(fitted), ...others] });
}

function isRefusal(error: unknown): error is CliError {
  return error instanceof CliError && error.exit === 'budget';
}

function isLessTokens(step: NextStep): boolean {
  return step.do === 'set-flag' && step.flag === lessTokens.flag;
}

/** A cost that the gateway does not report is estimated if tokens and list prices are known, and marked as an estimate. */
async function priceOf(
  answer: Answer,
  { model, body, prices }: Pick<PlannedCall, 'model' | 'body'> & Pick<Asking, 'prices'>,
  settings: Settings,
  deps: Deps,
): Promise<Cost> {
  const tokens = tokenCounts(answer.usage);
  if (tokens === null) return unknownCost;
  const { cache } = settings.places;
  const { baseUrl, id } = settings.gateway;
  // A list requested without a key is good enough.
  const list = prices ?? (await readCatalogue(cache, id, baseUrl, deps, 'public'));
  const listed = list?.models.find((one) => one.id === model) ?? null;
  // Something that was paid for besides the tokens cannot be told from here.
  return uncounted(listed, body).length > 0 ? unknownCost : estimateCost(listed, tokens);
}

/** A call whose cost the gateway reported was billed, however it ended. */
export function billedAsTold(error: CliError, answer: Answer): CliError {
  return answer.cost.amount === null
    ? error
    : new CliError(error.exit, error.message, { ...error.details, billed: 'yes' });
}

/** Problems of an answer that was transferred completely: warnings, or with --strict an error. */
async function* judge(
  options: AskOptions,
  plan: Plan,
  { lowered }: PlannedCall,
  answer: Answer,
): AsyncGenerator<OutputEvent, void, undefined> {
  const problems: string[] = [];
  const isCut = answer.ending === 'length';
  if (isCut && lowered !== null) throw cutByCap(lowered, answer);
  const reason = oneLine(answer.finishReason ?? '');
  if (isCut) problems.push(`the answer was cut at the token limit (finish_reason ${reason})`);
  else if (answer.isEmpty) problems.push('the answer is empty');
  if (answer.ending === 'unknown')
    problems.push(`the finish_reason ${reason} is not known: the answer may be incomplete`);
  if (plan.parts.schema !== null) {
    const problem = await checkAgainstSchema(answer.text.whole, plan.parts.schema);
    if (problem !== null) problems.push(problem);
  }
  const [first] = problems;
  const strict = options.strict === true && first !== undefined;
  for (const message of strict ? problems.slice(1) : problems) yield { type: 'warning', message };
  if (strict)
    throw new CliError('partial', `--strict: ${first}`, {
      code: isCut ? 'length' : 'not_as_asked',
      billed: 'yes',
      requestId: answer.requestId ?? undefined,
    });
}

/** Our own limit, which nobody set, ended the answer: it must not look whole. */
function cutByCap({ cap, maxTokens, payable }: Lowered, { requestId }: Answer): CliError {
  const more: NextStep =
    payable > maxTokens
      ? { ...lessTokens, value: String(payable), why: 'allow a longer answer' }
      : { ...lessTokens, value: String(maxTokens), why: 'accept an answer of this length' };
  const steps = [moreFor(cap), more];
  return new CliError(
    'partial',
    `the answer was cut at the ${maxTokens} tokens that ${cap.name} ${cap.limit} allows it`,
    {
      code: 'cut_by_cap',
      billed: 'yes',
      requestId: requestId ?? undefined,
      next: payable > maxTokens ? steps.reverse() : steps,
    },
  );
}

/** Validates the answer against `--schema`, since gateways do not enforce it reliably. What is wrong, in one line; null when it is valid. */
async function checkAgainstSchema(
  text: string | null,
  schema: Readonly<Record<string, unknown>>,
): Promise<string | null> {
  let answer: unknown;
  try {
    answer = JSON.parse(text ?? '');
  } catch {
    return 'the answer is not JSON, but --schema requires it';
  }
  const { problemWith } = await import('../../schemas/from-json-schema.ts');
  try {
    const problem = problemWith(answer, schema);
    if (problem === null) return null;
    const place = problem.place === '' ? '' : ` at ${problem.place}`;
    return `the answer does not match the schema${place}: ${problem.message}`;
  } catch {
    return 'the answer is JSON, but the schema uses a feature that cannot be checked here';
  }
}
