/** `POST /v1/chat/completions`: one purchase for one request, its cost known, its reply as the client reads it. */

import { toCliError } from '../../base/error-document.ts';
import type { CliError } from '../../base/errors.ts';
import { lossOf } from '../../base/loss.ts';
import { Answer } from '../../client/answer.ts';
import type { IntentLine } from '../../money/ledger/lines.ts';
import { exchange, mayFallBack } from '../../work/call/send.ts';
import type { Held } from '../../work/call/till.ts';
import { stoppable } from '../ending.ts';
import { Flight } from '../flight.ts';
import { headersToGateway } from '../pass-headers.ts';
import { intentOf, outcomeOf, remember, watchClient } from '../purchase.ts';
import { readBody } from '../read-body.ts';
import { documentOf, refusalOf } from '../refusal.ts';
import type { Service, Visit } from '../service.ts';
import { type Wanted, wantedOf } from '../single-flight.ts';
import { checkModel } from './allow.ts';
import { type Ask, readAsk } from './ask.ts';
import { Relay } from './relay.ts';

/** Answers, or throws `Refusal` with nothing begun. */
export async function answerChat(visit: Visit, service: Service): Promise<void> {
  const { request, response, cors, path } = visit;
  const { headers } = request;
  const bytes = await readBody(request, service.rules.maxBody);
  const wanted = wantedOf(path, bytes, headers);
  const known = service.flights.find(wanted);
  if (known !== null) {
    known.attach(response, cors);
    return;
  }
  const ask = readAsk(bytes, headers, visit.url.search);
  checkModel(ask.model, service.rules.modelAllow);
  const flight = new Flight(wanted.idempotencyKey !== null);
  service.flights.begin(wanted, flight);
  flight.attach(response, cors);
  const passed = headersToGateway(headers);
  await stoppable(service.deps.signal, (stop) =>
    new ChatCall(ask, wanted, flight, passed, stop, service).run(),
  );
}

/** One request of a client, with its fallbacks. */
class ChatCall {
  private readonly ask: Ask;
  private readonly wanted: Wanted;
  private readonly flight: Flight;
  private readonly passed: Record<string, string>;
  private readonly service: Service;
  /** Ends the request to the gateway. */
  private readonly stop: AbortController;
  private answer = new Answer(0);

  constructor(
    ask: Ask,
    wanted: Wanted,
    flight: Flight,
    passed: Record<string, string>,
    stop: AbortController,
    service: Service,
  ) {
    this.ask = ask;
    this.wanted = wanted;
    this.flight = flight;
    this.passed = passed;
    this.stop = stop;
    this.service = service;
  }

  /** Never rejects. */
  async run(): Promise<void> {
    const { flight, wanted, ask, stop } = this;
    const isComplete = (): boolean => this.answer.hasTerminalSignal;
    watchClient({ flight, wanted, isStream: ask.isStream, isComplete, stop }, this.service);
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
    const intent = intentOf(model, this.ask.terms, service);
    const { call } = intent;
    let held: Held;
    try {
      held = await this.hold(model, intent);
    } catch (thrown) {
      service.flights.forget(this.wanted, flight);
      const error = toCliError(thrown);
      service.calls.refuse(error);
      flight.send(documentOf(refusalOf(error), 'openai', null));
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
      service,
    });
    remember(intent, null, null, service);
    const failure = await this.exchange(held, relay);
    const { usage, cost, requestId, model: answered, firstTokenAt, attempts } = this.answer;
    const facts = { usage, cost, request_id: requestId, model: answered, attempts };
    const outcome = outcomeOf(intent, { ...facts, failure, startedAt, firstTokenAt }, service);
    const isFallback =
      !isLast && failure !== null && !flight.hasBegun && mayFallBack(failure, this.answer);
    // The books first: whoever has its reply can look at what it cost.
    const problem = await admission.settle(outcome);
    if (problem !== null) service.note(lossOf('ledger', problem));
    remember(intent, outcome, relay.cutBy(failure), service);
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
}
