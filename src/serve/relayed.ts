/**
 * Paid requests in shapes that are not ours: `/v1/responses`, `/v1/messages`, `/v1/embeddings`. Both ways every byte passes
 * as it is; what it cost is read on the way, from the usage and the cost comment, wherever these shapes have them.
 */

import { toCliError } from '../base/error-document.ts';
import { isRecord, type JsonObject } from '../base/json.ts';
import { lossOf } from '../base/loss.ts';
import { cachedPrice } from '../client/cached-models.ts';
import { publicUrl } from '../client/public-url.ts';
import type { Gateway } from '../gateways/types.ts';
import { estimateMedia } from '../money/estimate-media.ts';
import type { IntentLine } from '../money/ledger/lines.ts';
import { mayFallBack, priceOf } from '../work/call/send.ts';
import type { Held } from '../work/call/till.ts';
import { checkModel } from './chat/allow.ts';
import { type CallTerms, readTerms } from './chat/ask.ts';
import { withMembers } from './chat/edit-json.ts';
import { stoppable } from './ending.ts';
import { Flight } from './flight.ts';
import { Outgoing } from './outgoing.ts';
import { costHeaders, intentOf, outcomeOf, remember, watchClient } from './purchase.ts';
import { parsePaid, readBody } from './read-body.ts';
import { Reading } from './reading.ts';
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
const mediaKinds: ReadonlyMap<Kind, string> = new Map([
  ['images', 'an image'],
  ['imageEdits', 'an image'],
  ['imageVariations', 'an image'],
  ['videos', 'a video'],
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
      const error = toCliError(thrown);
      service.calls.refuse(error);
      flight.send(documentOf(refusalOf(error), visit.shape, null));
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
    const problem = await held.admission.settle(outcome);
    if (problem !== null) service.note(lossOf('ledger', problem));
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
      unpriced: mediaKinds.get(kind),
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
