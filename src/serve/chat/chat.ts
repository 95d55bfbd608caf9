/** `POST /v1/chat/completions`: one purchase for one request, its cost known, its reply as the client reads it. */

import { toCliError } from '../../base/error-document.ts';
import { type CliError, EXIT_OK } from '../../base/errors.ts';
import { Answer } from '../../client/answer.ts';
import type { IntentLine, OutcomeLine } from '../../money/ledger/lines.ts';
import { exchange } from '../../work/call/send.ts';
import type { Held } from '../../work/call/till.ts';
import { Flight } from '../flight.ts';
import { headersToGateway } from '../pass-headers.ts';
import { readBody } from '../read-body.ts';
import { documentOf, refusalOf } from '../refusal.ts';
import type { Service, Visit } from '../service.ts';
import type { Wanted } from '../single-flight.ts';
import { checkModel } from './allow.ts';
import { type Ask, readAsk } from './ask.ts';
import { Relay } from './relay.ts';

/** How long the gateway is waited for after a client has left that had nothing yet, ms: it may come back. */
const COMES_BACK_MS = 15_000;

/** Answers, or throws `Refusal` with nothing begun. */
export async function answerChat(visit: Visit, service: Service): Promise<void> {
  const { request, response, cors, path } = visit;
  const { headers } = request;
  const bytes = await readBody(request, service.rules.maxBody);
  const key = headers['idempotency-key'];
  const wanted: Wanted = {
    path,
    body: bytes,
    idempotencyKey: typeof key === 'string' && key !== '' ? key : null,
    isRetry: Number(headers['x-stainless-retry-count'] ?? 0) > 0,
  };
  const known = service.flights.find(wanted);
  if (known !== null) {
    known.attach(response, cors);
    return;
  }
  const ask = readAsk(bytes, headers);
  checkModel(ask.model, service.rules.modelAllow);
  const flight = new Flight(wanted.idempotencyKey !== null);
  service.flights.begin(wanted, flight);
  flight.attach(response, cors);
  const passed = headersToGateway(headers);
  await new ChatCall(ask, wanted, flight, passed, service).run();
}

/** One request of a client, with its fallbacks. */
class ChatCall {
  private readonly ask: Ask;
  private readonly wanted: Wanted;
  private readonly flight: Flight;
  private readonly passed: Record<string, string>;
  private readonly service: Service;
  /** Ends the request to the gateway. */
  private readonly stop = new AbortController();
  private answer = new Answer(0);

  constructor(
    ask: Ask,
    wanted: Wanted,
    flight: Flight,
    passed: Record<string, string>,
    service: Service,
  ) {
    this.ask = ask;
    this.wanted = wanted;
    this.flight = flight;
    this.passed = passed;
    this.service = service;
  }

  /** Never rejects. */
  async run(): Promise<void> {
    this.watchClient();
    const models = [this.ask.model, ...this.service.rules.fallback];
    for (const [at, model] of models.entries()) {
      const isLast = at === models.length - 1;
      if (await this.tryModel(model, isLast)) return;
    }
  }

  /** false: another model may be tried. */
  private async tryModel(model: string, isLast: boolean): Promise<boolean> {
    const { service, flight } = this;
    const { deps } = service;
    this.answer = new Answer(0);
    const intent = this.intentOf(model);
    const { call } = intent;
    let held: Held;
    try {
      held = await this.hold(model, intent);
    } catch (thrown) {
      service.flights.forget(this.wanted, flight);
      flight.send(documentOf(refusalOf(toCliError(thrown)), 'openai', null));
      return true;
    }
    const { fitted, admission } = held;
    const startedAt = deps.clock.monotonic();
    const relay = new Relay({
      ask: this.ask,
      fitted,
      call,
      flight,
      headers: this.passed,
      key: service.connection.key?.value ?? null,
    });
    service.calls.set({
      id: call,
      status: 'running',
      model: null,
      requested_model: model,
      billed: 'unknown',
      cost: this.answer.cost,
      usage: null,
      request_id: null,
      cut: null,
      exit: null,
    });
    const failure = await this.exchange(held, relay);
    const outcome = this.outcomeOf(intent, failure, startedAt);
    const isFallback = !isLast && failure !== null && this.mayFallBack(failure);
    // The books first: whoever has its reply can look at what it cost.
    const problem = await admission.settle(outcome);
    if (problem !== null) service.note({ type: 'warning', message: problem });
    service.calls.set({
      id: call,
      status: 'done',
      model: outcome.model,
      requested_model: model,
      billed: outcome.billed,
      cost: outcome.cost,
      usage: outcome.usage,
      request_id: outcome.request_id,
      cut: relay.cutBy(failure),
      exit: outcome.exit,
    });
    if (isFallback) return false;
    if (failure !== null && outcome.billed === 'no') service.flights.forget(this.wanted, flight);
    relay.finish(this.answer, failure, outcome);
    return true;
  }

  private async hold(model: string, intent: IntentLine): Promise<Held> {
    const { tills, prices } = this.service;
    const { body, terms } = this.ask;
    const needsPrices = tills.hasCaps || terms.caps.length > 0 || terms.tags.length > 0;
    return tills.of(intent.tags).hold({
      model,
      body: model === this.ask.model ? { ...body } : { ...body, model },
      intent,
      prices: needsPrices ? await prices.current() : null,
      caps: terms.caps,
      signal: this.stop.signal,
    });
  }

  /** null: the answer is there. */
  private async exchange({ fitted }: Held, relay: Relay): Promise<CliError | null> {
    const { connection, deps, note } = this.service;
    const { policy } = connection;
    // A client tries again by itself, and knows best whether it still wants to.
    const own = { ...policy, maxTries: 1, replySignal: this.stop.signal };
    const how = {
      terms: { settings: connection.settings, prices: null },
      connection: { ...connection, policy: own },
      stream: true,
      debug: false,
      relay,
    };
    try {
      for await (const event of exchange(fitted, this.answer, how, deps)) note(event);
      return null;
    } catch (thrown) {
      return toCliError(thrown);
    }
  }

  /** What becomes of the call when nobody waits for it any more. */
  private watchClient(): void {
    const { flight, service, wanted, ask } = this;
    let stopWaiting = (): void => {};
    const giveUp = (): void => {
      const usual = ask.isStream ? 'cancel' : 'drain';
      const how = service.rules.onDisconnect ?? usual;
      if (how === 'cancel' && !this.answer.hasTerminalSignal)
        this.stop.abort(new Error('the client has left'));
    };
    flight.onAlone = () => {
      if (flight.hasBegun) {
        giveUp();
        return;
      }
      service.flights.lost(wanted, flight);
      stopWaiting = service.deps.clock.after(COMES_BACK_MS, giveUp, 'background');
    };
    flight.onCompany = () => stopWaiting();
    if (flight.isAlone) flight.onAlone();
  }

  private intentOf(model: string): IntentLine {
    const { command, connection, tills, deps } = this.service;
    const { terms } = this.ask;
    return {
      v: 1,
      event: 'intent',
      call: deps.uuid(),
      at: new Date(deps.clock.now()).toISOString(),
      command,
      gateway: connection.gateway.id,
      session: terms.session,
      tags: tills.tagsOf(terms.tags),
      pid: deps.processId,
      model,
    };
  }

  private outcomeOf(intent: IntentLine, failure: CliError | null, startedAt: number): OutcomeLine {
    const { deps } = this.service;
    const { pid: _pid, event: _event, model: requested, ...common } = intent;
    const { usage, cost, requestId, model, firstTokenAt, attempts } = this.answer;
    const since = (moment: number): number => Math.max(0, Math.round(moment - startedAt));
    return {
      ...common,
      event: 'outcome',
      at: new Date(deps.clock.now()).toISOString(),
      model,
      requested_model: requested,
      request_id: requestId,
      exit: failure?.exitCode ?? EXIT_OK,
      billed: failure?.billed ?? 'yes',
      attempts,
      usage,
      cost,
      duration_ms: since(deps.clock.monotonic()),
      first_token_ms: firstTokenAt === null ? null : since(firstTokenAt),
    };
  }

  private mayFallBack(error: CliError): boolean {
    const isAboutModel =
      error.exit === 'upstream' || error.exit === 'not_found' || error.exit === 'rate_limited';
    return isAboutModel && !this.answer.begun && error.billed === 'no' && !this.flight.hasBegun;
  }
}
