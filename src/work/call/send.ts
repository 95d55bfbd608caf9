/** One paid request to one model, with its reservation and its ledger lines. It retries nothing itself, and knows no flag. */

import { boundedJson, boundedText } from '../../base/bounded-json.ts';
import type { Deps } from '../../base/deps.ts';
import { toCliError } from '../../base/error-document.ts';
import { CliError } from '../../base/errors.ts';
import { asObject } from '../../base/json.ts';
import { lossOf } from '../../base/loss.ts';
import type { NextStep } from '../../base/next-step.ts';
import { withoutKeyInTrace } from '../../base/secrets.ts';
import { sayUnheard } from '../../base/unheard.ts';
import type { Answer } from '../../client/answer.ts';
import { readCatalogue } from '../../client/catalogue.ts';
import { type ChatRelay, streamChat } from '../../client/chat.ts';
import { readUsageCost, unknownCost } from '../../money/amount.ts';
import { lessTokens, moreFor } from '../../money/budget/refusal.ts';
import { reserve } from '../../money/budget/reserve.ts';
import { bookOf } from '../../money/budget/state.ts';
import { estimateCost } from '../../money/estimate.ts';
import { tokenCounts } from '../../money/token-counts.ts';
import type { Cost } from '../../schemas/common.ts';
import type { OutputEvent } from '../../schemas/events.ts';
import type { Connection } from '../connection.ts';
import { listPrice } from '../list-price.ts';
import { errorWithoutKey } from '../redact-key.ts';
import { requestHeaders } from '../request-headers.ts';
import { type Books, openBooks } from './books.ts';
import { uncounted } from './bounds.ts';
import { exactly, fitCall } from './fit.ts';
import { type Lowered, loweredWords, type PlannedCall } from './lower.ts';
import type { Terms } from './terms.ts';

/** How one request is made. */
export interface Exchange {
  terms: Pick<Terms, 'settings' | 'prices'> & Partial<Pick<Terms, 'tags' | 'session'>>;
  connection: Connection;
  /** The answer is wanted as it is written. */
  stream: boolean;
  /** Show requests and responses, for --debug. */
  debug: boolean;
  /** Another program gets the answer as it was sent. */
  relay?: ChatRelay | undefined;
  /** Problems of an answer that was transferred completely: warnings, or one `CliError` that fails the call. */
  judge?(answer: Answer): AsyncGenerator<OutputEvent, void, undefined>;
}

/** How the requests of one call are sent. */
export interface Sending extends Exchange {
  terms: Terms;
  /** Gets each request right before it is sent, with its id in the ledger. */
  sending(call: PlannedCall, id: string): void;
  /** The ledger did not take the call; a warning says so. */
  unwritten?(): void;
}

/** Fills `answer`; throws one `CliError` when there is none, or none that is accepted. */
export async function* sendCall(
  planned: PlannedCall,
  answer: Answer,
  how: Sending,
  deps: Deps,
): AsyncGenerator<OutputEvent, void, undefined> {
  const { fitted, books } =
    how.terms.caps.length === 0
      ? unheld(planned, answer, how.terms, deps)
      : yield* holdCall(planned, answer, how.terms, deps);
  how.sending(fitted, books.call);
  const unintended = await books.intend();
  if (unintended !== null) how.unwritten?.();
  if (unintended !== null) yield lossOf('ledger', unintended);
  let failure: CliError | null = null;
  let finished = false;
  let unwritten: string | null = null;
  try {
    yield* exchange(fitted, answer, how, deps);
    finished = true;
  } catch (thrown) {
    failure = toCliError(thrown);
    finished = true;
  } finally {
    unwritten = await books.settle(failure, finished);
    if (unwritten !== null) how.unwritten?.();
    if (!finished) await sayUnheard(unwritten, deps);
  }
  if (unwritten !== null) yield lossOf('ledger', unwritten);
  if (answer.usage !== null) yield { type: 'usage', model: answer.model, usage: answer.usage };
  if (failure === null || answer.cost.amount !== null) yield { type: 'cost', cost: answer.cost };
  if (failure !== null) throw failure;
}

/**
 * The request itself, of a call that is paid for and written down by the caller. Fills `answer`, with its cost; throws one
 * `CliError`, without the key, when there is none, or none that is accepted.
 */
export async function* exchange(
  fitted: PlannedCall,
  answer: Answer,
  { terms, connection, stream, debug, relay, judge }: Exchange,
  deps: Deps,
): AsyncGenerator<OutputEvent, void, undefined> {
  const { gateway, policy, fetch } = connection;
  const key = connection.key?.value ?? null;
  const { model, body, lowered } = fitted;
  const words = loweredWords(fitted);
  if (words !== null) yield { type: 'trace', level: 'verbose', message: words };
  const call = {
    gateway,
    url: `${gateway.baseUrl}${gateway.routes.chat ?? ''}${relay?.query ?? ''}`,
    headers: {
      ...requestHeaders(key, stream, deps.version),
      ...(terms.settings.isProxied && labelsOf(terms)),
      ...relay?.headers,
    },
    body,
    model,
    policy,
    debug,
    relay,
  };
  try {
    yield* withoutKeyInTrace(streamChat(call, answer, fetch, deps), key);
    const reported = gateway.costInUsage ? readUsageCost(answer.usage) : null;
    if (reported !== null) {
      answer.cost = reported.cost;
      answer.costNote = reported.note;
    }
    if (answer.costNote !== null) yield { type: 'warning', message: answer.costNote };
    else if (answer.cost.amount === null) answer.cost = await priceOf(answer, fitted, terms, deps);
    if (answer.ending === 'length' && lowered !== null) throw cutByCap(lowered, answer);
    if (judge !== undefined) yield* judge(answer);
  } catch (thrown) {
    const failure = billedAsTold(errorWithoutKey(toCliError(thrown), key), answer);
    // Some gateways send the id only in the body of an error.
    answer.requestId ??= failure.details.requestId ?? null;
    throw failure;
  } finally {
    boundAnswer(answer, key);
  }
}

/** For the ledger of the proxy. */
function labelsOf({ tags = [], session }: Exchange['terms']): Record<string, string> {
  return {
    ...(tags.length > 0 && { 'x-alltoken-tag': tags.join(',') }),
    ...(session != null && { 'x-alltoken-session': session }),
  };
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

interface Ready {
  fitted: PlannedCall;
  books: Books;
}

/** Without a cap there is nothing to hold it against. */
function unheld(planned: PlannedCall, answer: Answer, terms: Terms, deps: Deps): Ready {
  const bound = planned.bounds?.bound ?? null;
  return { fitted: planned, books: openBooks(terms, planned.model, answer, bound, deps) };
}

/** Reserves what the call can cost, as short as the caps make it at this moment. Throws `CliError` budget. */
async function* holdCall(
  planned: PlannedCall,
  answer: Answer,
  terms: Terms,
  deps: Deps,
): AsyncGenerator<OutputEvent, Ready, undefined> {
  const { caps, tags, settings, gateway, patience } = terms;
  let fitted = await fitCall(planned, terms, deps);
  // Each round is a shorter answer, so there is a last one.
  for (;;) {
    const bound = fitted.bounds?.bound ?? null;
    const books = openBooks(terms, fitted.model, answer, bound, deps);
    if (bound === null) return { fitted, books };
    try {
      const purchase = { call: books.call, gateway: gateway.id, tags, caps, bound };
      yield* reserve(purchase, bookOf(settings.places, gateway.id), patience, deps);
      return { fitted, books };
    } catch (error) {
      const next = await shorter(error, fitted, () => fitCall(planned, terms, deps));
      if (next === null) throw isRefusal(error) ? exactly(error, fitted, terms) : error;
      fitted = next;
    }
  }
}

/** null where the refusal stands. */
async function shorter(
  error: unknown,
  { lowered }: PlannedCall,
  fit: () => Promise<PlannedCall>,
): Promise<PlannedCall | null> {
  if (!isRefusal(error)) return null;
  const next = await fit();
  // Where there was room for the whole answer, none was lowered.
  const limitOf = (one: Lowered | null): number => one?.maxTokens ?? Number.POSITIVE_INFINITY;
  return limitOf(next.lowered) < limitOf(lowered) ? next : null;
}

function isRefusal(error: unknown): error is CliError {
  return error instanceof CliError && error.exit === 'budget';
}

/** A cost that the gateway does not report is estimated if tokens and list prices are known, and marked as an estimate. */
export async function priceOf(
  answer: Pick<Answer, 'usage'>,
  { model, body }: Pick<PlannedCall, 'model' | 'body'>,
  { settings, prices }: Exchange['terms'],
  deps: Deps,
): Promise<Cost> {
  const tokens = tokenCounts(answer.usage);
  if (tokens === null) return unknownCost;
  const { cache } = settings.places;
  const { baseUrl, id } = settings.gateway;
  // A list requested without a key is good enough.
  const list = prices ?? (await readCatalogue(cache, id, baseUrl, deps, 'public'));
  const known = list?.models.find((one) => one.id === model) ?? null;
  const listed = known ?? (await listPrice(model, settings, deps));
  // Something that was paid for besides the tokens cannot be told from here.
  return uncounted(listed, body).length > 0 ? unknownCost : estimateCost(listed, tokens);
}

/** Another model may answer: the failure is about this one, and nothing was bought. */
export function mayFallBack(error: CliError, answer: Pick<Answer, 'begun'>): boolean {
  const aboutTheModel =
    error.exit === 'upstream' || error.exit === 'not_found' || error.exit === 'rate_limited';
  // Another model would wait for the same budget.
  const isHeld = error.details.code === 'budget_reserved';
  return aboutTheModel && !isHeld && !answer.begun && error.billed === 'no';
}

/** A call whose cost the gateway reported was billed, however it ended. */
export function billedAsTold(error: CliError, answer: Answer): CliError {
  return answer.cost.amount === null
    ? error
    : new CliError(error.exit, error.message, { ...error.details, billed: 'yes' });
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
