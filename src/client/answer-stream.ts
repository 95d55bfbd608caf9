/** The stream of one answer: takes bytes, fills the answer, and yields what to show. It does no I/O. */
import type { Clock } from '../base/deps.ts';
import { CliError, SignalReceived } from '../base/errors.ts';
import { asObject, type JsonObject, parseLoosely } from '../base/json.ts';
import { readCostComment } from '../money/amount.ts';
import type { OutputEvent } from '../schemas/events.ts';
import { type ErrorBody, errorInJson, readErrorBody } from '../transport/error-body.ts';
import { looksLikeHtml, pageTitle } from '../transport/error-words.ts';
import { originOf, type Reply } from '../transport/request.ts';
import { createSseReader, type SseEvent, type SseReader, SseTooLarge } from '../transport/sse.ts';
import type { Answer } from './answer.ts';
import { MAX_ANSWER, MAX_ANSWER_WORDS } from './answer-size.ts';
import { readChunk } from './chunk.ts';
import { errorInChunk } from './chunk-error.ts';
import { ContentTemplate } from './content-template.ts';
import { breakOff, innerFailure, protocolError } from './stream-errors.ts';
import { describeBody, withoutBase64 } from './trace.ts';
import { usageIn } from './usage.ts';

/** After a finish reason only usage and `[DONE]` are left. */
const AFTER_FINISH_MS = 10_000;

/** Passes the answer on as it was sent, besides reading it. Neither function may throw. */
export interface StreamTap {
  /** A chunk, or a whole reply, right after it was parsed. */
  onChunk(chunk: JsonObject): void;
  /** In place of it, where a chunk says nothing but more text of this choice. */
  onText(text: string, index: number): void;
  /** The event that brought the chunks since the last call ends here, in bytes from the begin of the body. */
  onBlock?(end: number): void;
  /** The server reported an error in it, or sent what is no answer; nothing more is read. */
  onError?(): void;
}

/** What the stream needs from the call. */
export interface StreamContext {
  url: string;
  /** How long to wait for the cost after `[DONE]`, in ms. */
  costWaitMillis: number;
  debug: boolean;
  clock: Pick<Clock, 'monotonic'>;
  /** Then no deltas are shown. */
  tap?: StreamTap | undefined;
}

const nothing: readonly OutputEvent[] = [];

/** Feeds the stream into the answer; joins the chunks of one network read into one delta. */
export class AnswerStream {
  private waiting: OutputEvent[] = [];
  private readonly reader: SseReader;
  private readonly template = new ContentTemplate();
  private costSeen = false;
  /** What followed the end of the answer was too large to read; nothing more is. */
  private isOver = false;
  private failure: CliError | null = null;
  private readonly context: StreamContext;
  private readonly reply: Reply;
  private readonly answer: Answer;

  constructor(context: StreamContext, reply: Reply, answer: Answer) {
    this.context = context;
    this.reply = reply;
    this.answer = answer;
    this.reader = createSseReader(
      {
        onEvent: (event) => this.onEvent(event),
        onComment: (text) => this.onComment(text),
        onBareLine: (data, complete) => this.onBareLine(data, complete),
        onOther: (text) => this.onOther(text),
        ...(context.tap?.onBlock && { onBlock: context.tap.onBlock.bind(context.tap) }),
      },
      MAX_ANSWER,
    );
  }

  push(chunk: Uint8Array): void {
    if (this.isOver) return;
    this.guard(() => this.reader.push(chunk));
  }

  end(): void {
    if (this.isOver) return;
    this.guard(() => this.reader.end());
  }

  /** What to show; `check` comes behind it. A list, since a generator within a generator costs more than what it brings. */
  take(): readonly OutputEvent[] {
    if (this.waiting.length === 0) return nothing;
    const events = this.waiting;
    this.waiting = [];
    return events;
  }

  /** Throws the failure reported in the stream, if any. */
  check(): void {
    if (this.failure) throw this.failure;
  }

  /** What is left to show, and then the failure. */
  *rest(): Generator<OutputEvent, void, undefined> {
    yield* this.take();
    this.check();
  }

  /** An error came; `take` throws it. */
  get hasFailed(): boolean {
    return this.failure !== null;
  }

  /** Nothing more is needed: the answer is complete and its cost known, or this gateway reports none. */
  get isComplete(): boolean {
    return (
      this.isOver || (this.answer.done && (this.costSeen || this.context.costWaitMillis === 0))
    );
  }

  /** The answer was complete when the body was cut off or the wait for the cost ended. */
  mayEndHere(error: unknown): boolean {
    if (this.failure || error instanceof CliError || error instanceof SignalReceived) return false;
    return this.answer.hasTerminalSignal;
  }

  async *readWhole(text: string): AsyncGenerator<OutputEvent, void, undefined> {
    if (this.context.debug) yield { type: 'trace', level: 'debug', message: describeBody(text) };
    if (looksLikeHtml(text))
      throw protocolError(
        `${originOf(this.context.url)} sent ${pageTitle(text)}`,
        'html',
        this.reply,
      );
    let json: unknown;
    try {
      json = parseLoosely(text);
    } catch {
      yield* this.readLines(text);
      return;
    }
    this.guard(() => {
      const list: readonly unknown[] = Array.isArray(json) ? json : [];
      const isList = list.length > 0 && errorInJson(list, this.reply.status) === null;
      const items = isList ? list : [json];
      for (const item of items) this.onJson(item);
    });
    const answered = this.answer.hasOutput || this.answer.hasTerminalSignal;
    if (!answered && !this.failure) {
      const error = errorInJson(json, this.reply.status);
      this.failure =
        error === null
          ? protocolError('the response contains no answer', 'no_answer', this.reply)
          : innerFailure(error, this.reply);
    }
    yield* this.rest();
  }

  /** A body that is not JSON as a whole may be JSON line by line, or a stream that begins with such a line. */
  private *readLines(text: string): Generator<OutputEvent, void, undefined> {
    this.push(new TextEncoder().encode(text));
    this.end();
    if (!this.answer.begun && !this.failure)
      throw protocolError('the response is not complete JSON', 'bad_json', this.reply);
    yield* this.rest();
  }

  private guard(read: () => void): void {
    try {
      read();
    } catch (error) {
      if (!(error instanceof SseTooLarge)) throw error;
      if (this.failure === null && this.answer.hasTerminalSignal) this.leaveRest();
      else this.failure ??= breakOff(error, this.context.url, this.answer, this.reply);
    }
  }

  /** The answer is whole, and nothing behind it is worth losing it. */
  private leaveRest(): void {
    this.isOver = true;
    const message = `the gateway sent more than ${MAX_ANSWER_WORDS} behind the answer, which was not read; a cost in it is not known`;
    this.waiting.push({ type: 'warning', message });
  }

  private onEvent(event: SseEvent): void {
    if (this.failure || this.readLikeLast(event) || isHeartbeat(event)) return;
    this.reply.watch.data();
    this.trace('< data: ', event.data);
    if (isDone(event.data)) {
      this.answer.done = true;
      this.reply.watch.tail(Math.max(1, this.context.costWaitMillis));
      return;
    }
    let json: unknown;
    try {
      json = parseLoosely(event.data);
    } catch {
      if (this.answer.done) return;
      const events = separateEvents(event);
      if (events.length > 0) {
        for (const one of events) this.onEvent(one);
        return;
      }
      // A truncated last event is a cut stream, not bad JSON; the missing terminal signal shows it.
      if (!event.complete) return;
      if (event.event === 'error') this.fail(readErrorBody(event.data, null));
      else
        this.failure = this.broken(
          `the stream contains an event that is not JSON${wordsAfter(event.data)}`,
          'bad_json',
        );
      return;
    }
    if (this.answer.done) {
      const chunk = asObject(json);
      if (chunk !== null) this.answer.usage = usageIn(chunk) ?? this.answer.usage;
      return;
    }
    if (event.event === 'error') this.fail(readErrorBody(event.data, null));
    else {
      this.onJson(json);
      this.template.learn(event.data, json);
    }
  }

  /** The short way of a long answer: a chunk that differs from the last one only in its text. */
  private readLikeLast(event: SseEvent): boolean {
    const words = event.event === '' && !this.answer.done ? this.template.match(event.data) : null;
    if (words === null) return false;
    this.reply.watch.data();
    this.trace('< data: ', event.data);
    if (words === '') return true;
    this.context.tap?.onText(words, this.template.index);
    this.show('delta', words);
    this.checkSize();
    return true;
  }

  /** JSON between the events, without `data:`. */
  private onBareLine(data: string, complete: boolean): boolean {
    if (parseObject(data) === null) return false;
    this.onEvent({ event: '', data, complete });
    return true;
  }

  /** llama.cpp writes `error: {…}` as a field of its own; others write JSON over several lines. What is neither means nothing, as the standard says. */
  private onOther(text: string): void {
    if (this.failure || this.answer.done) return;
    const lines = text.split('\n');
    if (isDone(lines.at(-1) ?? '')) {
      const rest = lines.slice(0, -1).join('\n');
      if (rest !== '') this.onOther(rest);
      this.onEvent({ event: '', data: '[DONE]', complete: true });
      return;
    }
    const isError = text.startsWith('error:');
    const rest = isError ? text.slice('error:'.length).trim() : text;
    const json = parseObject(rest);
    if (!isError && json === null) {
      this.answer.strangeWords = plainWords(text) || this.answer.strangeWords;
      return;
    }
    this.reply.watch.data();
    this.trace('< ', text);
    if (json !== null && (!isError || errorInChunk(json) !== null)) this.onJson(json);
    else if (rest !== '') this.fail(readErrorBody(rest, null));
  }

  private trace(mark: string, text: string): void {
    if (this.context.debug)
      this.waiting.push({ type: 'trace', level: 'debug', message: mark + withoutBase64(text) });
  }

  private onJson(json: unknown): void {
    const hadBegun = this.answer.begun;
    const chunk = this.context.tap === undefined ? null : asObject(json);
    if (chunk !== null) this.context.tap?.onChunk(chunk);
    const output = readChunk(json, this.answer);
    if (output === null) return;
    if (output.reasoning !== '') this.show('reasoning', output.reasoning);
    if (output.text !== '') this.show('delta', output.text);
    this.checkSize();
    if (output.error !== null) this.fail(output.error, hadBegun || output.text !== '');
    else if (this.answer.finishReason !== null) this.reply.watch.tail(AFTER_FINISH_MS);
  }

  /** Memory for an answer is limited, since a server may send any amount. */
  private checkSize(): void {
    if (this.answer.held > MAX_ANSWER)
      this.failure ??= this.broken(`the answer is larger than ${MAX_ANSWER_WORDS}`, 'too_large');
  }

  private show(type: 'delta' | 'reasoning', text: string): void {
    this.answer.firstTokenAt ??= this.context.clock.monotonic();
    (type === 'delta' ? this.answer.text : this.answer.reasoning).add(text);
    if (this.context.tap !== undefined) return;
    const last = this.waiting.at(-1);
    if (last?.type === type) last.text += text;
    else this.waiting.push({ type, text });
  }

  private onComment(text: string): void {
    this.trace('< : ', text);
    const reported = readCostComment(text);
    if (reported === null) return;
    this.answer.cost = reported.cost;
    this.answer.costNote = reported.note;
    this.costSeen = true;
  }

  /** `begun`: chunks had arrived before, so the gateway's statement that nothing was served is not enough. */
  private fail(body: ErrorBody, begun = this.answer.begun): void {
    const found = innerFailure(body, this.reply);
    if (found.exit === 'refused' || !begun) this.failure = found;
    else
      this.failure = new CliError(
        this.answer.hasOutput ? 'partial' : 'protocol',
        found.message,
        found.details.billed === 'no' ? { ...found.details, billed: undefined } : found.details,
      );
  }

  private broken(message: string, code: string): CliError {
    const details = {
      code,
      status: this.reply.status,
      requestId: this.answer.requestId ?? undefined,
    };
    return new CliError(this.answer.hasOutput ? 'partial' : 'protocol', message, details);
  }
}

/** Events by which servers keep a connection open. */
const heartbeatEvents = new Set(['ping', 'heartbeat', 'keepalive', 'keep-alive', 'keep_alive']);
const heartbeatWords = new Set([...heartbeatEvents, '[ping]', 'pong', 'null', '{}']);

/** An empty event, a comment that was sent as data, or a ping: nothing of the answer. */
function isHeartbeat({ event, data }: SseEvent): boolean {
  // Most events are JSON objects of some length.
  if (event === '' && data.length > 64 && data.charCodeAt(0) === BRACE) return false;
  if (event === 'error') return false;
  const text = data.trim();
  if (text === '' || text.startsWith(':')) return true;
  if (heartbeatWords.has(text.toLowerCase())) return true;
  const saysMore = /"(choices|error)"/.test(text) || isDone(text);
  return heartbeatEvents.has(event.toLowerCase()) && !saysMore;
}

const BRACE = 123;

/** The events of a server that leaves out the blank line between them; [] when the lines are not each JSON or `[DONE]`. */
function separateEvents({ event, data, complete }: SseEvent): SseEvent[] {
  const lines = data.split('\n').filter((line) => line.trim() !== '');
  if (lines.length < 2) return [];
  const last = lines.length - 1;
  const isOne = (line: string, at: number): boolean =>
    isDone(line) || isJson(line) || (at === last && !complete);
  if (!lines.every(isOne)) return [];
  return lines.map((line, at) => ({ event, data: line, complete: complete || at < last }));
}

function isJson(text: string): boolean {
  try {
    parseLoosely(text);
    return true;
  } catch {
    return false;
  }
}

/** What a server wrote as plain text; '' for JSON that broke, which may hold anything, and for binary data. */
function plainWords(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters tell binary data from text
  return /^\s*(\{|\[?\s*[{"])|[\u0000-\u0008]/.test(text)
    ? ''
    : readErrorBody(withoutBase64(text.slice(0, 2000)), null).message;
}

function wordsAfter(text: string): string {
  const words = plainWords(text);
  return words === '' ? '' : `: ${words}`;
}

/** Some servers put blanks around it, or send it as a JSON string. */
function isDone(data: string): boolean {
  if (data === '[DONE]') return true;
  return data.length < 32 && /^\s*("?)(\[done\]|done)\1\s*$/i.test(data);
}

function parseObject(text: string): JsonObject | null {
  if (text.charCodeAt(0) !== BRACE) return null;
  try {
    return asObject(parseLoosely(text));
  } catch {
    return null;
  }
}
