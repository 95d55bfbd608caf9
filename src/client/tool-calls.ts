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
  name = '';
  text = '';
  private depth = 0;
  private inString = false;
  private escaped = false;
  /** Its arguments are a JSON object that has ended: what follows belongs to another call. */
  closed = false;

  /** Linear: each character is looked at once. */
  add(text: string): void {
    this.text += text;
    for (let at = 0; at < text.length && !this.closed; at += 1) this.step(text.charCodeAt(at));
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
    const before = this.calls.slice();
    items.forEach((item, position) => {
      const piece = pieceOf(item, unread);
      if (piece === null) return;
      const known =
        (piece.id === null ? undefined : this.byId.get(piece.id)) ??
        before.filter(({ name, id }) => name === piece.name && (id === null || piece.id === null))[
          position
        ];
      if (known === undefined) this.fill(this.begin(piece), piece);
      else if (!known.closed && piece.arguments !== '') {
        this.length += piece.arguments.length;
        known.replace(piece.arguments);
      } else if (piece.arguments !== '' && piece.arguments.trim() !== known.text.trim())
        unread.note('a tool call that came twice, with other arguments');
    });
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

  /** `previous`: the call of the piece before it in the same list. */
  private callFor(piece: Piece, previous: Call | null): Call {
    const { id, index, name } = piece;
    const last = this.calls.at(-1);
    const known = id === null ? undefined : this.byId.get(id);
    if (known) return known;
    const atIndex = index === null ? undefined : this.byIndex.get(index);
    if (id !== null) {
      // A new id begins a new call, also at a known index; but one without a name goes on with a call that is still open.
      const open = index === null ? last : atIndex;
      const goesOn = open !== undefined && !open.closed && open !== previous;
      if (goesOn && (name === '' || (open.id === null && name === open.name))) return open;
      return this.begin(piece);
    }
    if (atIndex) return startsAnother(atIndex, piece) ? this.begin(piece) : atIndex;
    // An index that moves on without id and name, or no index at all: the last call goes on.
    if (last === undefined) return this.begin(piece);
    if (name === '') {
      if (index !== null) this.byIndex.set(index, last);
      return last;
    }
    const isOther = index !== null || last === previous || startsAnother(last, piece);
    return isOther ? this.begin(piece) : last;
  }

  private begin({ index }: Piece): Call {
    const call = new Call();
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
    // The name comes once; some servers repeat it with every piece.
    if (call.name === '') call.name = piece.name;
    this.length += piece.arguments.length + CALL_SIZE;
    // Some servers send all arguments once more at the end.
    if (call.closed && piece.arguments === call.text) return;
    call.add(piece.arguments);
  }
}

/** A piece with a name, without an id, for a call that has a name already. */
function startsAnother(call: Call, { name, arguments: text }: Piece): boolean {
  if (name === '' || call.name === '') return false;
  return name !== call.name || (call.closed && text.trim() !== '');
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
