/** The reply of the gateway on its way to the client of one call: as it came, or put together where the client reads no stream. */

import type { ReplyHeaders } from '../../base/deps.ts';
import { CliError } from '../../base/errors.ts';
import { isRecord, type JsonObject } from '../../base/json.ts';
import type { Answer } from '../../client/answer.ts';
import { MAX_ANSWER_WORDS } from '../../client/answer-size.ts';
import type { ChatRelay } from '../../client/chat.ts';
import type { OutcomeLine } from '../../money/ledger/lines.ts';
import type { RequestNote } from '../../transport/request.ts';
import type { PlannedCall } from '../../work/call/lower.ts';
import type { Flight } from '../flight.ts';
import { asSent, failureOf } from '../gateway-failure.ts';
import { headersToClient } from '../pass-headers.ts';
import { costHeaders, trailerNames } from '../purchase.ts';
import { documentOf } from '../refusal.ts';
import type { Service } from '../service.ts';
import type { Ask } from './ask.ts';
import { Assembly } from './assemble.ts';
import { withMembers } from './edit-json.ts';
import { chunksOf } from './to-stream.ts';
import { UsageDrop } from './usage-drop.ts';

export interface RelayOptions {
  ask: Ask;
  fitted: PlannedCall;
  /** Its id in the ledger. */
  call: string;
  flight: Flight;
  headers: Readonly<Record<string, string>>;
  service: Service;
}

/** The code of an answer that a cap of ours has cut: it is complete as far as the gateway goes. */
const CUT = 'cut_by_cap';

export class Relay implements ChatRelay {
  readonly requestText: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly query: string;
  readonly onBlock?: (end: number) => void;
  private readonly options: RelayOptions;
  private readonly drop: UsageDrop | null;
  private readonly assembly: Assembly | null;
  private reply: { status: number; headers: ReplyHeaders } | null = null;
  private errorBody: string | null = null;
  private whole: Uint8Array | null = null;
  private hasError = false;
  private hasBegun = false;

  constructor(options: RelayOptions) {
    const { ask, fitted, headers } = options;
    this.options = options;
    this.headers = headers;
    this.query = ask.query;
    this.requestText = requestOf(ask, fitted);
    this.assembly = ask.isStream ? null : new Assembly();
    const drop = ask.isStream && !ask.wantsUsage && !ask.isAsSent ? new UsageDrop() : null;
    this.drop = drop;
    if (drop !== null) this.onBlock = (end) => drop.onBlock(end);
  }

  onNote(note: RequestNote): void {
    if (note.type === 'answered') this.reply = note;
    if (note.type === 'refused') this.errorBody = note.body;
  }

  onChunk(chunk: JsonObject): void {
    this.assembly?.add(chunk);
    this.drop?.onChunk(chunk);
  }

  onText(text: string, index: number): void {
    this.assembly?.addText(text, index);
  }

  onError(): void {
    this.hasError = true;
  }

  take(bytes: Uint8Array): Promise<void> | undefined {
    if (!this.options.ask.isStream) return undefined;
    const passed = this.drop === null ? bytes : this.drop.pass(bytes);
    if (passed === null) return undefined;
    if (!this.hasBegun) this.begin();
    return this.options.flight.write(passed);
  }

  takeWhole(bytes: Uint8Array): void {
    this.whole = bytes;
  }

  /** The cap that made the answer as short as it is; null: it is as long as it wanted to be. */
  cutBy(failure: CliError | null): string | null {
    return failure?.details.code === CUT ? (this.options.fitted.lowered?.cap.name ?? null) : null;
  }

  /** After the books are closed. */
  finish(answer: Answer, failure: CliError | null, outcome: OutcomeLine): void {
    const { flight, ask } = this.options;
    const facts = costHeaders(outcome, this.cutBy(failure));
    if (this.hasBegun) {
      const rest = this.drop?.rest() ?? null;
      if (rest !== null) void flight.write(rest);
      // What broke off for us breaks off for the client, too.
      if (failure?.details.cause !== undefined && !answer.hasTerminalSignal) flight.break();
      else flight.close(facts);
      return;
    }
    const isAnswered = answer.hasTerminalSignal && !this.hasError;
    if (failure !== null && !isAnswered) this.fail(failure, facts);
    else if (this.whole !== null) this.sendWhole(this.whole, facts);
    else if (this.assembly !== null && !this.assembly.isTooLarge)
      this.sendJson(JSON.stringify(this.assembly.reply), facts);
    else if (ask.isStream) {
      this.begin();
      flight.close(facts);
    } else
      this.fail(
        new CliError('protocol', `the answer is larger than ${MAX_ANSWER_WORDS}`, {
          code: 'too_large',
        }),
        facts,
      );
  }

  private begin(): void {
    const { flight, call } = this.options;
    this.hasBegun = true;
    const type = { 'content-type': 'text/event-stream' };
    const passed = this.passed();
    // What came as a document goes on as a stream.
    const own = this.whole === null ? { ...type, ...passed } : { ...passed, ...type };
    const headers: Record<string, string> = own;
    headers['x-alltoken-call'] = call;
    headers.trailer = trailerNames;
    flight.begun({ status: this.reply?.status ?? 200, headers });
  }

  private passed(): Record<string, string> {
    return this.reply === null ? {} : headersToClient(this.reply.headers, this.key);
  }

  /** The gateway does not stream although it was asked to. */
  private sendWhole(bytes: Uint8Array, facts: Record<string, string>): void {
    const { ask, flight } = this.options;
    const text = Buffer.from(bytes).toString('utf8');
    if (!ask.isStream) {
      this.sendJson(text, facts);
      return;
    }
    this.begin();
    for (const piece of chunksOf(text, ask.wantsUsage)) void flight.write(Buffer.from(piece));
    flight.close(facts);
  }

  private sendJson(body: string, facts: Record<string, string>): void {
    const { flight, call } = this.options;
    const json = { 'content-type': 'application/json' };
    const headers = { ...this.passed(), ...json, ...facts, 'x-alltoken-call': call };
    flight.send({ status: this.reply?.status ?? 200, headers, body });
  }

  /** Of the gateway; no client may see it. */
  private get key(): string | null {
    return this.options.service.connection.key?.value ?? null;
  }

  /** As the gateway sent it, where it has sent something; else in our own words. */
  private fail(failure: CliError, facts: Record<string, string>): void {
    const { flight, call, service } = this.options;
    if (this.reply !== null && this.errorBody !== null) {
      const more = { ...facts, 'x-alltoken-call': call };
      flight.send(asSent(this.reply, this.errorBody, failure, more, this.key));
      return;
    }
    const document = documentOf(failureOf(failure, service), 'openai', call);
    flight.send({ ...document, headers: { ...document.headers, ...facts } });
  }
}

/** The text of the client, with what we need in it. */
function requestOf(ask: Ask, { model, body }: PlannedCall): string {
  const changes: Record<string, unknown> = {};
  if (!ask.isAsSent) {
    if (!ask.isStream) changes.stream = true;
    if (!ask.wantsUsage) {
      const hasOptions = isRecord(ask.body.stream_options);
      changes.stream_options = (before: string | null): string =>
        withMembers(hasOptions && before !== null ? before : '{}', { include_usage: true });
    }
  }
  if (model !== ask.model) changes.model = model;
  for (const name of ['max_tokens', 'max_completion_tokens'])
    if (body[name] !== undefined && body[name] !== ask.body[name]) changes[name] = body[name];
  return Object.keys(changes).length === 0 ? ask.text : withMembers(ask.text, changes);
}
