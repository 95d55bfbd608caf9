/**
 * Paid requests in shapes that are not ours: `/v1/responses`, `/v1/messages`, `/v1/embeddings`. Both ways every byte passes
 * as it is; what it cost is read on the way, from the usage and the cost comment, wherever these shapes have them.
 */
import { toCliError } from '../base/error-document.ts';
import { CliError } from '../base/errors.ts';
import { isRecord, type JsonObject } from '../base/json.ts';
import { withoutSecret } from '../base/redact.ts';
import { cachedPrice } from '../client/cached-models.ts';
import { publicUrl } from '../client/public-url.ts';
import type { Gateway } from '../gateways/types.ts';
import { estimateMedia } from '../money/estimate-media.ts';
import type { IntentLine } from '../money/ledger/lines.ts';
import { type Reply, type RequestNote, sendRequest } from '../transport/request.ts';
import { mayFallBack, priceOf } from '../work/call/send.ts';
import type { Held } from '../work/call/till.ts';
import { errorWithoutKey } from '../work/redact-key.ts';
import { requestHeaders } from '../work/request-headers.ts';
import { checkModel } from './chat/allow.ts';
import { type CallTerms, readTerms } from './chat/ask.ts';
import { withMembers } from './chat/edit-json.ts';
import { stoppable } from './ending.ts';
import { Flight } from './flight.ts';
import { headersToClient, headersToGateway } from './pass-headers.ts';
import {
  costHeaders,
  intentOf,
  outcomeOf,
  remember,
  trailerNames,
  watchClient,
} from './purchase.ts';
import { parsePaid, readBody } from './read-body.ts';
import { MAX_DOCUMENT, Reading } from './reading.ts';
import { documentOf, Refusal, refusalOf } from './refusal.ts';
import type { Service, Visit } from './service.ts';
import { type Wanted, wantedOf } from './single-flight.ts';

type Kind = 'responses' | 'messages' | 'anthropic' | 'embeddings' | MediaKind;
type MediaKind = 'images' | 'imageEdits' | 'imageVariations' | 'videos';

/** The field that limits the answer; null: there is none, and nothing but the request is paid for. */
const limitFields: Readonly<Record<Kind, string | null>> = {
  responses: 'max_output_tokens',
  messages: 'max_tokens',
  anthropic: 'max_tokens',
  embeddings: null,
  images: null,
  imageEdits: null,
  imageVariations: null,
  videos: null,
};

/** Nobody knows what they cost before they are made. */
const mediaKinds: ReadonlySet<Kind> = new Set([
  'images',
  'imageEdits',
  'imageVariations',
  'videos',
]);

/** What another model may answer; its embeddings would be of another space, and its images at another price. */
const fallbackKinds: ReadonlySet<Kind> = new Set(['responses', 'messages', 'anthropic']);

export function relayer(kind: Kind): (visit: Visit, service: Service) => Promise<void> {
  return (visit, service) =>
    stoppable(service.deps.signal, (stop) => answer(kind, visit, stop, service));
}

/** Throws `Refusal` 404 where the gateway has no such route. */
export function urlOf(kind: Kind, { label, baseUrl, routes }: Gateway): string {
  const beside = publicUrl(baseUrl, routes.anthropic);
  const path = kind === 'anthropic' ? routes.messages : routes[kind];
  const url =
    kind === 'anthropic' && beside !== null ? beside : path === undefined ? null : baseUrl + path;
  if (url === null) throw new Refusal(404, 'not_served', `${label} does not have this route`);
  return url;
}

async function answer(
  kind: Kind,
  visit: Visit,
  stop: AbortController,
  service: Service,
): Promise<void> {
  const { request, response, cors } = visit;
  const { connection, flights } = service;
  const url = urlOf(kind, connection.gateway) + visit.url.search;
  const bytes = await readBody(request, service.rules.maxBody);
  const wanted = wantedOf(visit.path, bytes, request.headers);
  const known = flights.find(wanted);
  if (known !== null) {
    known.attach(response, cors);
    return;
  }
  const { text, body } = parsePaid(bytes);
  const terms = readTerms(request.headers);
  const model = typeof body.model === 'string' ? body.model : '';
  checkModel(model, service.rules.modelAllow);
  const flight = new Flight(wanted.idempotencyKey !== null);
  flights.begin(wanted, flight);
  flight.attach(response, cors);
  const call = new RelayedCall(
    { kind, url, text, body, terms, wanted, flight, visit, stop },
    service,
  );
  const others = fallbackKinds.has(kind) ? service.rules.fallback : [];
  await call.run([model, ...others]);
}

interface RelayedAsk {
  kind: Kind;
  url: string;
  text: string;
  body: JsonObject;
  terms: CallTerms;
  wanted: Wanted;
  flight: Flight;
  visit: Visit;
  /** Ends the request to the gateway. */
  stop: AbortController;
}

/** One request of a client, with its fallbacks. */
class RelayedCall {
  private readonly ask: RelayedAsk;
  private readonly service: Service;
  private reading = new Reading(false);

  constructor(ask: RelayedAsk, service: Service) {
    this.ask = ask;
    this.service = service;
  }

  /** Never rejects. */
  async run(models: readonly string[]): Promise<void> {
    const { flight, wanted, body, stop } = this.ask;
    const isComplete = (): boolean => this.reading.isComplete;
    const watched = { flight, wanted, isStream: body.stream === true, isComplete, stop };
    watchClient(watched, this.service);
    for (const [at, model] of models.entries())
      if (await this.tryModel(model, at === models.length - 1)) return;
  }

  /** false: another model may be tried. */
  private async tryModel(model: string, isLast: boolean): Promise<boolean> {
    const { ask, service } = this;
    const { kind, url, terms, wanted, flight, visit, stop } = ask;
    const { connection, flights, deps } = service;
    const isMedia = mediaKinds.has(kind);
    const reading = new Reading(connection.gateway.costInUsage);
    this.reading = reading;
    const intent = intentOf(model, terms, service);
    const { call } = intent;
    const counted = { ...asChat(kind, ask.body), model };
    let held: Held;
    try {
      held = await this.hold(counted, intent);
    } catch (thrown) {
      flights.forget(wanted, flight);
      flight.send(documentOf(refusalOf(toCliError(thrown)), visit.shape, null));
      return true;
    }
    remember(intent, null, null, service);
    const startedAt = deps.clock.monotonic();
    const outgoing = new Outgoing(visit, { url, call, flight, reading, stop }, service);
    const failure = await outgoing.send(requestText(ask, model, held));
    const cost = await reading.cost(async (usage) =>
      isMedia
        ? estimateMedia(await listedPrice(model, service), usage)
        : priceOf(
            { usage },
            { model, body: counted },
            { settings: connection.settings, prices: null },
            deps,
          ),
    );
    const task = isMedia && failure === null && !reading.hasData ? reading.id : null;
    const told =
      failure !== null && cost.amount !== null ? failure.changed({ billed: 'yes' }) : failure;
    const { requestId, firstByteAt } = outgoing;
    const outcome = outcomeOf(
      intent,
      {
        model: reading.model,
        request_id: requestId,
        attempts: 1,
        usage: reading.usage,
        cost,
        failure: told,
        startedAt,
        firstTokenAt: firstByteAt,
      },
      service,
    );
    if (task !== null) {
      // Whether it is billed shows at its end.
      outcome.billed = 'unknown';
      outcome.task_id = task;
      service.tasks.add(task, outcome);
    }
    const { lowered } = held.fitted;
    const cut = lowered !== null && reading.isCut ? lowered.cap.name : null;
    await held.admission.settle(outcome);
    remember(intent, outcome, cut, service);
    const begun = flight.hasBegun || firstByteAt !== null;
    if (!isLast && told !== null && mayFallBack(told, { begun })) return false;
    if (told?.billed === 'no') flights.forget(wanted, flight);
    outgoing.finish(told, costHeaders(outcome, cut));
    return true;
  }

  private async hold(
    counted: Record<string, unknown> & { model: string },
    intent: IntentLine,
  ): Promise<Held> {
    const { tills, prices } = this.service;
    const { terms, kind } = this.ask;
    const isPriced = tills.hasCaps || terms.caps.length > 0 || terms.tags.length > 0;
    return tills.of(intent.tags).hold({
      model: counted.model,
      body: counted,
      intent,
      prices: isPriced && !mediaKinds.has(kind) ? await prices.current() : null,
      caps: terms.caps,
      signal: this.ask.stop.signal,
    });
  }
}

/** As the price list has it; null: it is not in it. */
export async function listedPrice(
  model: string,
  { connection, prices, deps }: Service,
): ReturnType<typeof cachedPrice> {
  await prices.current();
  const { places } = connection.settings;
  return cachedPrice(model, places.cache, connection.gateway, deps);
}

/** The request as far as its price depends on it, in the words of a chat. */
function asChat(kind: Kind, body: JsonObject): Record<string, unknown> {
  const field = limitFields[kind];
  const { model, tools, ...rest } = body;
  const limit = field === null ? 1 : body[field];
  // Tools without a name of a function run at the gateway, and cost by themselves.
  const own = Array.isArray(tools)
    ? tools.map((tool: unknown) =>
        isRecord(tool) &&
        (tool.type === undefined || tool.type === 'custom' || isRecord(tool.input_schema))
          ? { ...tool, type: 'function' }
          : tool,
      )
    : tools;
  return {
    model,
    messages: [rest],
    ...(limit !== undefined && limit !== null && { max_tokens: limit }),
    ...(own !== undefined && { tools: own }),
  };
}

function requestText({ kind, text, body }: RelayedAsk, model: string, { fitted }: Held): string {
  const field = limitFields[kind];
  const { lowered } = fitted;
  const isLowered = lowered !== null && field !== null && body[field] === undefined;
  const changes = {
    ...(body.model !== undefined && body.model !== model && { model }),
    ...(isLowered && { [field]: lowered.maxTokens }),
  };
  return Object.keys(changes).length === 0 ? text : withMembers(text, changes);
}

interface Road {
  url: string;
  call: string;
  flight: Flight;
  reading: Reading;
  stop: AbortController;
}

/** The request to the gateway, and its reply on the way to the client. */
class Outgoing {
  requestId: string | null = null;
  firstByteAt: number | null = null;
  private readonly visit: Visit;
  private readonly road: Road;
  private readonly service: Service;
  private answered: (RequestNote & { type: 'answered' }) | null = null;
  private errorBody: string | null = null;
  /** A reply in one piece, which goes on when its cost is known. */
  private held: Uint8Array[] = [];
  private hasBegun = false;

  constructor(visit: Visit, road: Road, service: Service) {
    this.visit = visit;
    this.road = road;
    this.service = service;
  }

  /** null: the reply was passed on, or the error of the gateway will be. */
  async send(body: string): Promise<CliError | null> {
    const { connection, deps } = this.service;
    const { url, stop } = this.road;
    const key = connection.key?.value ?? null;
    const headers = {
      ...requestHeaders(key, true, deps.version),
      // Anthropic's clients name the key so, and some servers of this shape read only that.
      ...(this.visit.shape === 'anthropic' && key !== null && { 'x-api-key': key }),
      ...headersToGateway(this.visit.request.headers),
    };
    const request = { method: 'POST' as const, url, headers, body, paid: true };
    const policy = { ...connection.policy, maxTries: 1, replySignal: stop.signal };
    try {
      const sending = sendRequest(request, policy, connection.fetch, deps);
      for (;;) {
        const { done, value } = await sending.next();
        if (done) return await this.pass(value);
        if (value.type === 'answered') {
          this.answered = value;
          this.requestId = value.requestId;
        }
        if (value.type === 'refused') this.errorBody = value.body;
      }
    } catch (thrown) {
      return errorWithoutKey(toCliError(thrown), key);
    }
  }

  /** `facts`: headers about its cost. */
  finish(failure: CliError | null, facts: Record<string, string>): void {
    const { flight, call } = this.road;
    if (this.hasBegun) {
      if (failure?.details.code === BROKEN) flight.break();
      else flight.close(facts);
      return;
    }
    if (this.held.length > 0 && failure?.details.code !== BROKEN) {
      const body = Buffer.concat(this.held);
      this.begin({ ...facts, 'content-length': String(body.length) });
      void flight.write(body);
      flight.close();
      return;
    }
    const key = this.service.connection.key?.value ?? null;
    if (this.answered !== null && this.errorBody !== null) {
      const { status, headers } = this.answered;
      const body = key === null ? this.errorBody : withoutSecret(this.errorBody, key);
      const retry = failure?.billed === 'no' ? {} : { 'x-should-retry': 'false' };
      flight.send({
        status: status >= 400 ? status : 502,
        headers: { ...headersToClient(headers, key), ...retry, ...facts, 'x-alltoken-call': call },
        body,
      });
      return;
    }
    const known =
      failure ??
      new CliError('protocol', 'the gateway sent an empty reply', { code: 'empty_reply' });
    const document = documentOf(refusalOf(known), this.visit.shape, call);
    flight.send({ ...document, headers: { ...document.headers, ...facts } });
  }

  private begin(more: Record<string, string>): void {
    const { flight, call } = this.road;
    this.hasBegun = true;
    if (this.answered === null) return;
    const { status, headers } = this.answered;
    const passed = headersToClient(headers, this.service.connection.key?.value ?? null);
    flight.begun({ status, headers: { ...passed, ...more, 'x-alltoken-call': call } });
  }

  private async pass(reply: Reply): Promise<CliError | null> {
    const { flight, reading } = this.road;
    const { deps } = this.service;
    const type = reply.headers.get('content-type') ?? '';
    const isStream = type.startsWith('text/event-stream');
    reading.begin(isStream);
    let size = 0;
    try {
      for await (const bytes of reply.chunks()) {
        this.firstByteAt ??= deps.clock.monotonic();
        reading.push(bytes);
        reply.watch.data();
        if (reading.isComplete) reply.watch.tail(AFTER_END_MS);
        if (!isStream && !this.hasBegun) {
          this.held.push(bytes);
          size += bytes.length;
          if (size <= MAX_DOCUMENT) continue;
        }
        if (!this.hasBegun) this.begin({ trailer: trailerNames });
        const full = flight.write(this.held.length === 0 ? bytes : Buffer.concat(this.held));
        this.held = [];
        if (full !== undefined) await full;
      }
      reading.end();
      return reading.isComplete ? null : notWhole(this.firstByteAt !== null, 'cut_stream');
    } catch {
      reading.end();
      return reading.isComplete ? null : notWhole(this.firstByteAt !== null, BROKEN);
    } finally {
      reply.watch.stop();
    }
  }
}

/** The connection broke, which the client is to see. */
const BROKEN = 'broken_reply';
/** How long the cost, and the end of the body, are waited for behind the last event. */
const AFTER_END_MS = 2000;

function notWhole(hasBegun: boolean, code: string): CliError {
  return new CliError(hasBegun ? 'partial' : 'outcome_unknown', 'the reply ended before its end', {
    code,
  });
}
