/** A request in a shape that is not ours on its way to the gateway, and its reply on the way to the client. It holds and books nothing. */
import { toCliError } from '../base/error-document.ts';
import { CliError } from '../base/errors.ts';
import { MAX_ANSWER } from '../client/answer-size.ts';
import { type Reply, type RequestNote, sendRequest } from '../transport/request.ts';
import { errorWithoutKey } from '../work/redact-key.ts';
import { requestHeaders } from '../work/request-headers.ts';
import type { Flight } from './flight.ts';
import { asSent, failureOf } from './gateway-failure.ts';
import { headersToClient, headersToGateway } from './pass-headers.ts';
import { trailerNames } from './purchase.ts';
import type { Reading } from './reading.ts';
import { documentOf } from './refusal.ts';
import type { Service, Visit } from './service.ts';

/** The connection broke, which the client is to see. */
const BROKEN = 'broken_reply';
/** How long the cost, and the end of the body, are waited for behind the last event. */
const AFTER_END_MS = 2000;

interface Road {
  url: string;
  call: string;
  flight: Flight;
  reading: Reading;
  stop: AbortController;
}

export class Outgoing {
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
      const more = { ...facts, 'x-alltoken-call': call };
      flight.send(asSent(this.answered, this.errorBody, failure, more, key));
      return;
    }
    const known =
      failure ??
      new CliError('protocol', 'the gateway sent an empty reply', { code: 'empty_reply' });
    const document = documentOf(failureOf(known, this.service), this.visit.shape, call);
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
          if (size <= MAX_ANSWER) continue;
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

function notWhole(hasBegun: boolean, code: string): CliError {
  return new CliError(hasBegun ? 'partial' : 'outcome_unknown', 'the reply ended before its end', {
    code,
  });
}
