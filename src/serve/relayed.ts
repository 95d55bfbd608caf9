/**
 * Paid requests in shapes that are not ours: `/v1/responses`, `/v1/messages`, `/v1/embeddings`. Both ways every byte passes
 * as it is; what it cost is read on the way, from the usage and the cost comment, wherever these shapes have them.
 */
import { toCliError } from '../base/error-document.ts';
import { CliError } from '../base/errors.ts';
import { asObject, isRecord, type JsonObject } from '../base/json.ts';
import { withoutSecret } from '../base/redact.ts';
import { cachedPrice } from '../client/cached-models.ts';
import { publicUrl } from '../client/public-url.ts';
import type { Gateway } from '../gateways/types.ts';
import { readCostComment, readUsageCost, unknownCost } from '../money/amount.ts';
import { estimateMedia } from '../money/estimate-media.ts';
import type { Cost } from '../schemas/common.ts';
import { type Reply, type RequestNote, sendRequest } from '../transport/request.ts';
import { createSseReader, type SseReader } from '../transport/sse.ts';
import { priceOf } from '../work/call/send.ts';
import type { Held } from '../work/call/till.ts';
import { errorWithoutKey } from '../work/redact-key.ts';
import { requestHeaders } from '../work/request-headers.ts';
import { checkModel } from './chat/allow.ts';
import { readTerms } from './chat/ask.ts';
import { withMembers } from './chat/edit-json.ts';
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
import { documentOf, Refusal, refusalOf } from './refusal.ts';
import type { Service, Visit } from './service.ts';
import { wantedOf } from './single-flight.ts';

/** One event of a stream, in UTF-16 units, as for a chat. */
const MAX_EVENT_LENGTH = 8_000_000;
/** A reply in one piece is read for its usage up to this size, bytes. */
const MAX_DOCUMENT = 16 * 1024 * 1024;

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

/** Events after which no more of the answer comes. */
const lastEvents: ReadonlySet<unknown> = new Set([
  'message_stop',
  'response.completed',
  'response.incomplete',
]);

export function relayer(kind: Kind): (visit: Visit, service: Service) => Promise<void> {
  return (visit, service) => answer(kind, visit, service);
}

/** Throws `Refusal` 404 where the gateway has no such route. */
function urlOf(kind: Kind, { label, baseUrl, routes }: Gateway): string {
  const beside = publicUrl(baseUrl, routes.anthropic);
  const path = kind === 'anthropic' ? routes.messages : routes[kind];
  const url =
    kind === 'anthropic' && beside !== null ? beside : path === undefined ? null : baseUrl + path;
  if (url === null) throw new Refusal(404, 'not_served', `${label} does not have this route`);
  return url;
}

async function answer(kind: Kind, visit: Visit, service: Service): Promise<void> {
  const { request, response, cors, shape } = visit;
  const { connection, flights, deps, tills, prices } = service;
  const url = urlOf(kind, connection.gateway) + visit.url.search;
  const isMedia = mediaKinds.has(kind);
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
  const stop = new AbortController();
  const reading = new Reading(service.connection.gateway.costInUsage);
  const isStream = body.stream === true;
  const isComplete = (): boolean => reading.isComplete;
  watchClient({ flight, wanted, isStream, isComplete, stop }, service);
  const intent = intentOf(model, terms, service);
  const { call } = intent;
  const counted = asChat(kind, body);
  let held: Held;
  try {
    const isPriced = tills.hasCaps || terms.caps.length > 0 || terms.tags.length > 0;
    held = await tills.of(intent.tags).hold({
      model,
      body: counted,
      intent,
      prices: isPriced && !isMedia ? await prices.current() : null,
      caps: terms.caps,
      signal: stop.signal,
    });
  } catch (thrown) {
    flights.forget(wanted, flight);
    flight.send(documentOf(refusalOf(toCliError(thrown)), shape, null));
    return;
  }
  remember(intent, null, null, service);
  const startedAt = deps.clock.monotonic();
  const outgoing = new Outgoing(visit, { url, call, flight, reading, stop }, service);
  const failure = await outgoing.send(requestText(kind, text, body, held));
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
  const outcome = outcomeOf(
    intent,
    {
      model: reading.model,
      request_id: outgoing.requestId,
      attempts: 1,
      usage: reading.usage,
      cost,
      failure: told,
      startedAt,
      firstTokenAt: outgoing.firstByteAt,
    },
    service,
  );
  if (task !== null) {
    // Whether it is billed shows at its end.
    outcome.billed = 'unknown';
    outcome.task_id = task;
    service.tasks.add(task, outcome);
  }
  const cut = held.fitted.lowered !== null && reading.isCut ? held.fitted.lowered.cap.name : null;
  await held.admission.settle(outcome);
  remember(intent, outcome, cut, service);
  if (told?.billed === 'no') flights.forget(wanted, flight);
  outgoing.finish(told, costHeaders(outcome, cut));
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

function requestText(kind: Kind, text: string, body: JsonObject, { fitted }: Held): string {
  const field = limitFields[kind];
  if (fitted.lowered === null || field === null || body[field] !== undefined) return text;
  return withMembers(text, { [field]: fitted.lowered.maxTokens });
}

/** What the bytes of a reply say about its cost. */
class Reading {
  usage: Record<string, unknown> | null = null;
  model: string | null = null;
  isComplete = false;
  /** The limit ended the answer. */
  isCut = false;
  id: string | null = null;
  /** What was ordered is in the reply. */
  hasData = false;
  private reported: Cost | null = null;
  private readonly costInUsage: boolean;
  private reader: SseReader | null = null;
  private parts: Uint8Array[] = [];
  private size = 0;

  constructor(costInUsage: boolean) {
    this.costInUsage = costInUsage;
  }

  begin(isStream: boolean): void {
    if (!isStream) return;
    this.reader = createSseReader(
      { onEvent: ({ data }) => this.onEvent(data), onComment: (text) => this.onComment(text) },
      MAX_EVENT_LENGTH,
    );
  }

  /** Never throws: what cannot be read leaves the cost unknown. */
  push(bytes: Uint8Array): void {
    this.size += bytes.length;
    if (this.reader === null) {
      if (this.size <= MAX_DOCUMENT) this.parts.push(bytes);
      else this.parts = [];
      return;
    }
    this.tried(() => this.reader?.push(bytes));
  }

  end(): void {
    this.tried(() => {
      this.reader?.end();
      if (this.reader !== null || this.parts.length === 0) return;
      const json = asObject(JSON.parse(Buffer.concat(this.parts).toString('utf8')));
      if (json === null) return;
      this.onJson(json);
      this.isComplete = json.error === undefined || json.error === null;
    });
    this.parts = [];
  }

  async cost(estimate: (usage: Record<string, unknown>) => Promise<Cost>): Promise<Cost> {
    if (this.reported !== null) return this.reported;
    if (this.usage === null || !this.isComplete) return unknownCost;
    const charged = this.costInUsage ? readUsageCost(this.usage) : null;
    return charged === null ? estimate(this.usage) : charged.cost;
  }

  private tried(read: () => void): void {
    try {
      read();
    } catch {
      this.reader = null;
      this.parts = [];
    }
  }

  private onComment(text: string): void {
    this.reported = readCostComment(text)?.cost ?? this.reported;
  }

  private onEvent(data: string): void {
    if (data.trim() === '[DONE]') {
      this.isComplete = true;
      return;
    }
    // Most events are text of the answer.
    if (!/"(usage|stop_reason|model|type)"/.test(data.slice(0, 4096)) && !data.includes('"usage"'))
      return;
    let json: JsonObject | null;
    try {
      json = asObject(JSON.parse(data));
    } catch {
      return;
    }
    if (json === null) return;
    this.onJson(json);
    const inner = asObject(json.response) ?? asObject(json.message);
    if (inner !== null) this.onJson(inner);
    if (lastEvents.has(json.type)) this.isComplete = true;
  }

  private onJson(json: JsonObject): void {
    const { usage, model } = json;
    // Anthropic sends the counts of the prompt first, and those of the answer at the end.
    if (isRecord(usage)) this.usage = { ...this.usage, ...withoutNulls(usage) };
    if (typeof model === 'string') this.model = model;
    const { id, task_id: taskId } = json;
    if (typeof id === 'string') this.id ??= id;
    else if (typeof taskId === 'string') this.id ??= taskId;
    if (Array.isArray(json.data) && json.data.length > 0) this.hasData = true;
    const reason = asObject(json.delta)?.stop_reason ?? json.stop_reason;
    const incomplete = asObject(json.incomplete_details)?.reason;
    if (reason === 'max_tokens' || incomplete === 'max_output_tokens') this.isCut = true;
  }
}

function withoutNulls(usage: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(usage).filter(([, value]) => value !== null));
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
