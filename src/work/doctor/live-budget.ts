/** The money of `config doctor --live`: each call is held under what is left of the cap, reserved, and booked in the ledger. It sends nothing. */
import type { Deps } from '../../base/deps.ts';
import { toCliError } from '../../base/error-document.ts';
import type { CliError } from '../../base/errors.ts';
import { Answer } from '../../client/answer.ts';
import type { Catalogue } from '../../client/catalogue.ts';
import type { Key } from '../../config/keys.ts';
import type { Settings } from '../../config/settings.ts';
import { patienceOf } from '../../flags/money-flags.ts';
import type { Gateway } from '../../gateways/types.ts';
import { readUsageCost } from '../../money/amount.ts';
import { capsOf } from '../../money/budget/caps.ts';
import { reserve } from '../../money/budget/reserve.ts';
import { bookOf } from '../../money/budget/state.ts';
import {
  compare,
  type Decimal,
  formatDecimal,
  minus,
  notBelowZero,
  parseDecimal,
  plus,
  zero,
} from '../../money/decimal.ts';
import { costBounds, estimateCost } from '../../money/estimate.ts';
import { tokenCounts } from '../../money/token-counts.ts';
import type { OutputEvent } from '../../schemas/events.ts';
import { openBooks } from '../call/books.ts';

/** A call that may be made. */
export interface LiveCall {
  model: string;
  body: Readonly<Record<string, unknown>>;
  /** The most that it can cost, USD; null where the price is unknown. */
  bound: string | null;
}

/** Chat templates add a few tokens around a message. */
const AROUND = 16;

/** What a search adds to the prompt is not known; no more than this has been seen. */
const SEARCH_TOKENS = 32_768;

const COMMAND = 'config doctor';

export class LiveBudget {
  /** USD that are spent, or may be. */
  used: Decimal = zero;
  calls = 0;
  readonly #cap: Decimal;
  readonly #settings: Settings;
  readonly #gateway: Gateway;
  readonly #prices: Catalogue;
  readonly #isFree: boolean;
  readonly #key: Key | null;
  readonly #tags: readonly string[];
  readonly #deps: Deps;

  /** `cap`: USD, a plain decimal. `isFree`: nobody is known to the gateway, so nobody is charged. */
  constructor(
    cap: string,
    {
      settings,
      gateway,
      prices,
      isFree,
      key,
      tags,
    }: {
      settings: Settings;
      gateway: Gateway;
      prices: Catalogue;
      isFree: boolean;
      key: Key | null;
      tags: readonly string[];
    },
    deps: Deps,
  ) {
    this.#cap = parseDecimal(cap) ?? zero;
    this.#settings = settings;
    this.#gateway = gateway;
    this.#prices = prices;
    this.#isFree = isFree;
    this.#key = key;
    this.#tags = tags;
    this.#deps = deps;
  }

  get left(): Decimal {
    return notBelowZero(minus(this.#cap, this.used));
  }

  /** A chat call, with the most that it can cost by the price list of `priced`. */
  chat(model: string, body: Readonly<Record<string, unknown>>, priced = model): LiveCall {
    const listed = this.#listed(priced);
    const prompt = Buffer.byteLength(JSON.stringify(body)) + AROUND;
    const tokens = body.enable_search === true ? prompt + SEARCH_TOKENS : prompt;
    const { max } = costBounds(listed, tokens, Number(body.max_tokens));
    return { model, body, bound: max ?? (this.#isFree ? '0' : null) };
  }

  fits({ bound }: LiveCall): boolean {
    const amount = parseDecimal(bound ?? '');
    return amount !== null && compare(amount, this.left) <= 0;
  }

  /** USD by the price list for what an answer used; null where a part of that is unknown. */
  estimate(answer: Answer, model: string): string | null {
    const tokens = tokenCounts(answer.usage);
    return tokens === null ? null : estimateCost(this.#listed(model), tokens).amount;
  }

  /** Does `work`, which sends this one call and fills the answer; booked before and after. Throws what it throws, and `CliError` budget. */
  async buy<T>(call: LiveCall, work: (answer: Answer) => Promise<T>): Promise<T> {
    const answer = new Answer(100_000);
    const settings = this.#settings;
    const bound = {
      amount: call.bound ?? '0',
      openReason: null,
      priceUnknown: false,
      uncapped: false,
    };
    const caps = capsOf(settings.budget, formatDecimal(this.left), this.#tags);
    const [gateway, key, tags] = [this.#gateway, this.#key, this.#tags];
    const account = { command: COMMAND, session: null, settings, gateway, key, tags, caps };
    const books = openBooks(account, call.model, answer, bound, this.#deps);
    const purchase = { call: books.call, gateway: gateway.id, tags, caps, bound };
    const patience = patienceOf({}, settings.deadlineAt);
    await drain(reserve(purchase, bookOf(settings.places, gateway.id), patience, this.#deps));
    await books.intend();
    this.calls += 1;
    let failure: CliError | null = null;
    try {
      return await work(answer);
    } catch (thrown) {
      failure = toCliError(thrown);
      throw failure;
    } finally {
      this.#price(answer, call.model);
      await books.settle(failure, true);
      const isFree = failure?.billed === 'no' && answer.cost.amount === null;
      const amount = parseDecimal(answer.cost.amount ?? (isFree ? '0' : bound.amount));
      this.used = plus(this.used, amount ?? zero);
    }
  }

  #price(answer: Answer, model: string): void {
    const reported = this.#gateway.costInUsage ? readUsageCost(answer.usage) : null;
    if (reported !== null) answer.cost = reported.cost;
    if (answer.cost.amount !== null || reported !== null || answer.costNote !== null) return;
    const amount = this.estimate(answer, model);
    if (amount !== null) answer.cost = { amount, currency: 'USD', source: 'catalog' };
  }

  #listed(model: string) {
    return this.#prices.models.find(({ id }) => id === model) ?? null;
  }
}

/** Runs work to its end; retries and traces are in the report. */
export async function drain<T>(work: AsyncGenerator<OutputEvent, T, undefined>): Promise<T> {
  let step = await work.next();
  while (!step.done) step = await work.next();
  return step.value;
}
