/** Puts tool calls together from their pieces, however a server numbers them. It invents no arguments and runs nothing. */
import { asObject, asText, type JsonObject, jsonText, oneLine, shorten } from '../base/json.ts';
import type { ToolCall } from '../schemas/chat.ts';
import type { Unread } from './unread.ts';

interface Piece {
  id: string | null;
  index: number | null;
  name: string;
  arguments: string;
}

/** What an empty call takes in memory, in UTF-16 units. */
const CALL_SIZE = 64;

/** One call as it grows. */
class Call {
  id: string | null = null;
  /** The index of its first piece. */
  readonly index: number | null;
  name = '';
  text = '';
  private depth = 0;
  private inString = false;
  private escaped = false;
  /** Its arguments are a JSON object that has ended: what follows belongs to another call. */
  closed = false;
  /** It is `{}`. Kept, because to look at a long text again with each of its pieces would be quadratic. */
  isEmptyObject = false;

  constructor(index: number | null) {
    this.index = index;
  }

  /** Linear: each character is looked at once. */
  add(text: string): void {
    const wasClosed = this.closed;
    this.text += text;
    for (let at = 0; at < text.length && !this.closed; at += 1) this.step(text.charCodeAt(at));
    if (this.closed)
      this.isEmptyObject = wasClosed
        ? this.isEmptyObject && text.trim() === ''
        : this.text.trim() === '{}';
  }

  private step(code: number): void {
    if (this.escaped) this.escaped = false;
    else if (this.inString) {
      if (code === 0x5c) this.escaped = true;
      else if (code === 0x22) this.inString = false;
    } else if (code === 0x22) this.inString = true;
    else if (code === 0x7b || code === 0x5b) this.depth += 1;
    else if (code === 0x7d || code === 0x5d) {
      this.depth -= 1;
      this.closed = this.depth === 0;
    }
  }

  replace(text: string): void {
    this.text = '';
    this.depth = 0;
    this.inString = false;
    this.escaped = false;
    this.closed = false;
    this.isEmptyObject = false;
    this.add(text);
  }
}

export class ToolCalls {
  private readonly calls: Call[] = [];
  private readonly byIndex = new Map<number, Call>();
  private readonly byId = new Map<string, Call>();
  private length = 0;

  get count(): number {
    return this.calls.length;
  }

  /** How much is in memory, in UTF-16 units. */
  get held(): number {
    return this.length;
  }

  /** `delta.tool_calls`: any JSON. */
  addPieces(value: unknown, unread: Unread): void {
    const items: readonly unknown[] = Array.isArray(value) ? value : [value];
    let previous: Call | null = null;
    for (const item of items) {
      const piece = pieceOf(item, unread);
      if (piece === null) continue;
      const call = this.callFor(piece, previous);
      this.fill(call, piece);
      previous = call;
    }
  }

  /** `delta.function_call`: the one call of the older protocol. */
  addFunctionCall(value: unknown, unread: Unread): void {
    this.addPieces([{ index: -1, function: value }], unread);
  }

  /** The calls of a whole message: each is complete, and may have come in pieces before. */
  addWhole(value: unknown, unread: Unread): void {
    const items: readonly unknown[] = Array.isArray(value) ? value : [value];
    const before = new Repeats(this.calls);
    for (const item of items) {
      const piece = pieceOf(item, unread);
      if (piece === null) continue;
      const known = before.take(piece);
      if (known === undefined) this.fill(this.begin(piece), piece);
      else if (!known.closed && piece.arguments !== '') {
        this.length += piece.arguments.length;
        known.replace(piece.arguments);
      } else if (piece.arguments !== '' && piece.arguments.trim() !== known.text.trim())
        unread.note('a tool call that came twice, with other arguments');
    }
  }

  /** Complete calls only: after a terminal signal, with a name and with arguments that are JSON. `cut`: the names of the others. */
  whole(finished: boolean): { calls: ToolCall[]; cut: string[] } {
    const calls: ToolCall[] = [];
    const cut: string[] = [];
    for (const { id, name, text } of this.calls) {
      // A call without arguments has empty text, which is not JSON.
      const whole = text.trim() === '' ? '{}' : text;
      if (finished && name !== '' && isJson(whole))
        calls.push({ id, type: 'function', function: { name, arguments: whole } });
      else cut.push(name === '' ? 'a tool call without a name' : shorten(oneLine(name), 80));
    }
    return { calls, cut };
  }

  /** All of them as they came, also those that are cut. */
  get list(): readonly { id: string | null; name: string; text: string }[] {
    return this.calls;
  }

  /** `previous`: the call of the piece before it in the same list. */
  private callFor(piece: Piece, previous: Call | null): Call {
    const { id, index, name } = piece;
    const last = this.calls.at(-1);
    const known = id === null ? undefined : this.byId.get(id);
    // Some servers give every call the same id.
    if (known) return isOther(known, piece) ? this.begin(piece) : known;
    const atIndex = index === null ? undefined : this.byIndex.get(index);
    if (id !== null) {
      // A new id begins a new call, also at a known index; but one without a name goes on with a call that is still open.
      const open = index === null ? last : atIndex;
      const isLate = name === '' && piece.arguments.trim() === '' && open?.id === null;
      if (open !== undefined && isLate) return open;
      const goesOn = open !== undefined && !open.closed && open !== previous;
      if (goesOn && (name === '' || (open.id === null && name === open.name))) return open;
      return this.begin(piece);
    }
    if (atIndex) {
      const isSame = namesOn(atIndex, piece) || !startsAnother(atIndex, piece);
      return isSame ? atIndex : this.begin(piece);
    }
    // An index that moves on without id and name, or no index at all: the last call goes on.
    if (last === undefined) return this.begin(piece);
    if (name === '') {
      if (index !== null) this.byIndex.set(index, last);
      return last;
    }
    const isNew = index !== null || last === previous || startsAnother(last, piece);
    return isNew ? this.begin(piece) : last;
  }

  private begin({ index }: Piece): Call {
    const call = new Call(index);
    this.calls.push(call);
    this.length += CALL_SIZE;
    if (index !== null) this.byIndex.set(index, call);
    return call;
  }

  private fill(call: Call, piece: Piece): void {
    if (piece.id !== null) {
      call.id ??= piece.id;
      this.byId.set(piece.id, call);
      if (piece.index !== null) this.byIndex.set(piece.index, call);
    }
    // The name comes once; some servers repeat it with every piece, and some cut it.
    if (call.name === '') call.name = piece.name;
    else if (namesOn(call, piece) && call.name !== piece.name)
      call.name = piece.name.startsWith(call.name) ? piece.name : call.name + piece.name;
    this.length += piece.arguments.length + piece.name.length + CALL_SIZE;
    // Some servers send all arguments once more at the end.
    if (call.closed && piece.arguments === call.text) return;
    // Translators of Anthropic's wire begin with an empty object, and then send the arguments.
    if (call.isEmptyObject && piece.arguments.trim() !== '') call.replace(piece.arguments);
    else call.add(piece.arguments);
  }
}

/** Finds the call that a whole one repeats: by its id and name, else by name and arguments, else by name where one has no id. Each is found once, in linear time. */
class Repeats {
  private readonly lists = new Map<string, Call[]>();
  private readonly taken = new Set<Call>();

  constructor(calls: readonly Call[]) {
    // The first is taken first: from the end of a list.
    for (const call of calls.toReversed()) {
      if (call.id !== null) this.add(idKey(call.id, call.name), call);
      this.add(contentKey(call.name, call.text), call);
      this.add(nameKey(call.name, call.id !== null), call);
      this.add(nameKey(call.name, null), call);
    }
  }

  take({ id, name, arguments: text }: Piece): Call | undefined {
    const found =
      (id === null ? undefined : this.next(idKey(id, name))) ??
      this.next(contentKey(name, text)) ??
      this.next(nameKey(name, id === null ? null : false));
    if (found !== undefined) this.taken.add(found);
    return found;
  }

  private add(key: string, call: Call): void {
    const list = this.lists.get(key);
    if (list) list.push(call);
    else this.lists.set(key, [call]);
  }

  private next(key: string): Call | undefined {
    const list = this.lists.get(key) ?? [];
    let call = list.pop();
    while (call !== undefined && this.taken.has(call)) call = list.pop();
    return call;
  }
}

const idKey = (id: string, name: string): string => `id ${JSON.stringify([id, name])}`;
const contentKey = (name: string, text: string): string =>
  `content ${JSON.stringify([name])}${text.trim()}`;
/** `hasId` null: whether or not it has one. */
const nameKey = (name: string, hasId: boolean | null): string => `name ${hasId} ${name}`;

/** A piece of a name, at the index of a call that has an id and a name but no arguments yet. */
function namesOn(call: Call, { id, index, name }: Piece): boolean {
  return id === null && index !== null && name !== '' && call.id !== null && call.text === '';
}

/** A piece with the id of a call that is whole, or that has another name: not the call itself, sent again. */
function isOther(call: Call, piece: Piece): boolean {
  if (piece.name === '' || call.name === '') return false;
  if (piece.name !== call.name) return true;
  if (!call.closed || (call.isEmptyObject && piece.index === call.index)) return false;
  const text = piece.arguments.trim();
  return text !== '' && text !== call.text.trim();
}

/** A piece with a name, without an id, for a call that has a name already. */
function startsAnother(call: Call, { name, arguments: text }: Piece): boolean {
  if (name === '' || call.name === '') return false;
  if (name !== call.name) return true;
  return call.closed && !call.isEmptyObject && text.trim() !== '';
}

/** null: it says nothing. */
function pieceOf(item: unknown, unread: Unread): Piece | null {
  const piece = asObject(item);
  if (!piece) {
    if (item !== null && item !== undefined && item !== '') unread.note('a tool call');
    return null;
  }
  const called = asObject(piece.function) ?? piece;
  const text = argumentsText(called.arguments ?? called.input ?? called.parameters);
  if (text === null) unread.note('the arguments of a tool call');
  const found = {
    id: asText(piece.id),
    index: indexOf(piece.index),
    name: asText(called.name) ?? '',
    arguments: text ?? '',
  };
  if (found.id === null && found.name === '' && found.arguments === '') {
    if (saysAnything(piece)) unread.note('a tool call');
    return null;
  }
  return found;
}

function saysAnything(piece: JsonObject): boolean {
  const { index: _index, type: _type, function: called, ...others } = piece;
  const values = [...Object.values(others), ...Object.values(asObject(called) ?? {})];
  return values.some((value) => value !== null && value !== '');
}

function indexOf(value: unknown): number | null {
  const number = typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isSafeInteger(number) ? number : null;
}

/** JSON text in the standard; a few servers send the object itself. null: not understood. */
function argumentsText(value: unknown): string | null {
  if (typeof value === 'string') return value;
  if (value === undefined || value === null) return '';
  return typeof value === 'object' ? jsonText(value) : null;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
