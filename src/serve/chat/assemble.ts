/** Puts the chunks of a stream together again: the reply that the gateway would have given without one. It judges nothing. */
import { asObject, isRecord, type JsonObject } from '../../base/json.ts';
import { MAX_ANSWER } from '../../client/answer-size.ts';

type Mutable = Record<string, unknown>;

/** Fields of a chunk that a whole reply does not have. */
const ofChunks: ReadonlySet<string> = new Set(['object', 'choices', 'obfuscation']);

/** Fields that are sent whole, and by some servers again with each piece. */
const whole: ReadonlySet<string> = new Set([
  ...['role', 'id', 'type', 'name', 'index', 'format', 'object', 'mime_type', 'status'],
  ...['tool_call_id', 'call_id', 'url', 'signature'],
]);

/** What is nested deeper is kept as it came last. */
const MAX_DEPTH = 12;

export class Assembly {
  private readonly top: Mutable = {};
  private readonly choices = new Map<number, Mutable>();
  private size = 0;

  /** It grew larger than any answer: what came later is not in it. */
  get isTooLarge(): boolean {
    return this.size > MAX_ANSWER;
  }

  add(chunk: JsonObject): void {
    if (this.isTooLarge) return;
    for (const [key, value] of Object.entries(chunk)) {
      if (ofChunks.has(key)) continue;
      const known = this.top[key];
      // A later chunk says nothing new of these, but for the last usage.
      if (known === undefined || known === null || (key === 'usage' && value !== null)) {
        this.top[key] = value;
        this.measure(value);
      }
    }
    if (!Array.isArray(chunk.choices)) return;
    for (const each of chunk.choices) {
      const choice = asObject(each);
      if (choice !== null) this.addChoice(choice);
    }
  }

  /** More text of a choice that has some. */
  addText(content: string, index: number): void {
    if (this.isTooLarge) return;
    const message = this.choices.get(index)?.message;
    if (message === undefined) this.addChoice({ index, delta: { content } });
    else this.merge(message, { content }, 0);
  }

  /** As `chat.completion`. */
  get reply(): JsonObject {
    const { id, created, model, usage, ...rest } = this.top;
    return {
      ...(id !== undefined && { id }),
      object: 'chat.completion',
      ...(created !== undefined && { created }),
      ...(model !== undefined && { model }),
      choices: [...this.choices]
        .sort(([one], [other]) => one - other)
        .map(([, choice]) => finished(choice)),
      ...(usage !== undefined && { usage }),
      ...rest,
    };
  }

  private addChoice(choice: JsonObject): void {
    const index = typeof choice.index === 'number' ? choice.index : 0;
    const known: Mutable = this.choices.get(index) ?? {
      index,
      // OpenAI's clients require the field of a whole reply, and few streams have it.
      message: { role: 'assistant', content: null, refusal: null },
      finish_reason: null,
    };
    this.choices.set(index, known);
    for (const [key, value] of Object.entries(choice)) {
      if (key === 'index' || key === '__proto__') continue;
      if (key === 'delta' || key === 'message') this.merge(known.message, value, 0);
      else if (key === 'logprobs') {
        if (isRecord(value) && isRecord(known.logprobs)) this.merge(known.logprobs, value, 0);
        else if (value !== null || known.logprobs === undefined) known.logprobs = value;
      } else if (value !== null || known[key] === undefined) known[key] = value;
    }
  }

  private merge(into: unknown, piece: unknown, depth: number): void {
    if (!isRecord(into) || !isRecord(piece)) return;
    for (const [key, value] of Object.entries(piece)) {
      // Any name may come, and this one is not a field.
      if (key === '__proto__') continue;
      const known = Object.hasOwn(into, key) ? into[key] : undefined;
      if (value === null || value === undefined) into[key] = known ?? null;
      else if (known === null || known === undefined) into[key] = this.first(key, value, depth);
      else if (typeof value === 'string' && typeof known === 'string') {
        this.size += value.length;
        if (!whole.has(key)) into[key] = known + value;
        else if (value !== '') into[key] = value;
      } else if (Array.isArray(value) && Array.isArray(known)) this.extend(known, value, depth);
      else if (isRecord(value) && isRecord(known) && depth < MAX_DEPTH)
        this.merge(known, value, depth + 1);
      else into[key] = value;
    }
  }

  /** A value of our own, which may be added to. */
  private first(key: string, value: unknown, depth: number): unknown {
    if (depth >= MAX_DEPTH) return value;
    if (Array.isArray(value)) {
      const list: unknown[] = [];
      this.extend(list, value, depth);
      return list;
    }
    if (isRecord(value)) {
      const copy: Mutable = {};
      this.merge(copy, value, depth + 1);
      return copy;
    }
    this.measure(key);
    this.measure(value);
    return value;
  }

  /** Pieces with an index belong to the item that has it; a piece with neither index nor id goes on with the last call. */
  private extend(list: unknown[], pieces: readonly unknown[], depth: number): void {
    for (const piece of pieces) {
      const same = isRecord(piece) ? itemOf(list, piece) : undefined;
      if (same === undefined) list.push(this.first('', piece, depth + 1));
      else this.merge(same, piece, depth + 1);
    }
  }

  private measure(value: unknown): void {
    this.size += typeof value === 'string' ? value.length : 8;
  }
}

function itemOf(list: readonly unknown[], piece: JsonObject): Mutable | undefined {
  const { index, id } = piece;
  const records = list.filter(isRecord);
  if (typeof index === 'number') {
    const found = records.find((item) => item.index === index);
    const isOther =
      typeof id === 'string' && id !== '' && found?.id !== undefined && found.id !== id;
    return isOther ? undefined : found;
  }
  if (typeof id === 'string' && id !== '') return records.find((item) => item.id === id);
  // The arguments of a call without any of both; other lists are complete items.
  return isRecord(piece.function) ? records.at(-1) : undefined;
}

/** Calls have no index where they are not in pieces. */
function finished(choice: Mutable): Mutable {
  const message = asObject(choice.message);
  const calls = message?.tool_calls;
  if (!Array.isArray(calls)) return choice;
  const plain = calls.map((call: unknown) => {
    if (!isRecord(call)) return call;
    const { index: _, ...rest } = call;
    return rest;
  });
  return { ...choice, message: { ...message, tool_calls: plain } };
}
