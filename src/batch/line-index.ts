/**
 * What is known of each line of the input, in some 25 bytes a line: who it is, what it holds, and how far it is. It reads
 * no file.
 */
import { hash } from 'node:crypto';
import type { Billed } from '../base/errors.ts';

/** 64 bits: of a million lines two differ in it but for one case in thirty million. */
export interface Hash {
  high: number;
  low: number;
}

export function hashOf(content: string | Uint8Array): Hash {
  const digest = hash('sha1', content, 'binary');
  const word = (at: number): number =>
    ((digest.charCodeAt(at) << 24) |
      (digest.charCodeAt(at + 1) << 16) |
      (digest.charCodeAt(at + 2) << 8) |
      digest.charCodeAt(at + 3)) >>>
    0;
  return { high: word(0), low: word(4) };
}

/** 16 hex digits. */
export function hashText({ high, low }: Hash): string {
  return high.toString(16).padStart(8, '0') + low.toString(16).padStart(8, '0');
}

/** How far a line is. */
export const lineStates = {
  /** Without a word: it is no line of the batch. */
  blank: 0,
  /** To be sent. */
  unread: 1,
  /** It may have been sent: its intent is on the disk, and nothing else is known. */
  intent: 2,
  done: 3,
  failed: 4,
  unknown: 5,
  /** It can be no request, and that is not in the output yet. */
  unreadable: 6,
  /** Of another shard. */
  elsewhere: 7,
} as const;

export type LineState = (typeof lineStates)[keyof typeof lineStates];

const FIRST_ROOM = 1024;

export class LineIndex {
  /** Two words a line each, by line number less 1. */
  private ids = new Uint32Array(2 * FIRST_ROOM);
  private contents = new Uint32Array(2 * FIRST_ROOM);
  private states = new Uint8Array(FIRST_ROOM);
  /** 1 where a result is in the output that was billed, or may have been. */
  private bought = new Uint8Array(FIRST_ROOM);
  /** Line numbers by the hash of their ids; 0 is free. A power of two, at most half full. */
  private table = new Uint32Array(2 * FIRST_ROOM);
  private entries = 0;
  /** Ids that share their hash with another one. */
  private readonly shared = new Map<string, number>();
  /** Failed lines that were billed, or may have been: whoever sends one again may pay twice. */
  readonly failedPaid = new Set<number>();
  /** Lines that are not requests, with a result that says so or without one. */
  readonly unsendable = new Set<number>();
  /** The highest line number. */
  size = 0;

  /**
   * Takes a line in. Returns the number of an earlier line whose id has the same hash, and then this one is found only
   * after `share`; null where there is none.
   */
  add(number: number, id: Hash, content: Hash, state: LineState): number | null {
    this.makeRoom(number);
    this.put(this.ids, number, id);
    this.put(this.contents, number, content);
    this.states[number - 1] = state;
    const slot = this.slotOf(id);
    const earlier = this.table[slot] ?? 0;
    if (earlier !== 0) return earlier;
    this.table[slot] = number;
    this.entries += 1;
    return null;
  }

  /** Two different ids have the same hash: from now on each is found by itself. */
  share(earlier: string, number: number, id: string, own: number): void {
    this.shared.set(earlier, number);
    this.shared.set(id, own);
  }

  skip(number: number): void {
    this.makeRoom(number);
    this.states[number - 1] = lineStates.blank;
  }

  /** The line with this id; null where there is none. */
  find(id: string): number | null {
    const known = this.shared.get(id);
    if (known !== undefined) return known;
    const found = this.table[this.slotOf(hashOf(id))] ?? 0;
    return found === 0 ? null : found;
  }

  hasContent(number: number, content: string): boolean {
    return hashText(this.contentOf(number)) === content;
  }

  contentOf(number: number): Hash {
    const at = 2 * (number - 1);
    return { high: this.contents[at] ?? 0, low: this.contents[at + 1] ?? 0 };
  }

  stateOf(number: number): LineState {
    return (this.states[number - 1] ?? lineStates.blank) as LineState;
  }

  setState(number: number, state: LineState): void {
    this.states[number - 1] = state;
  }

  /** As the result of its last try says, which is in the output. */
  setResult(number: number, { state, billed }: { state: LineState; billed: Billed }): void {
    this.setState(number, state);
    if (billed !== 'no') this.bought[number - 1] = 1;
    if (state === lineStates.failed && billed !== 'no') this.failedPaid.add(number);
    else this.failedPaid.delete(number);
  }

  /** Lines that have a result in the output which was billed, or may have been. */
  get billed(): number {
    let found = 0;
    for (let at = 0; at < this.size; at += 1) found += this.bought[at] ?? 0;
    return found;
  }

  /** It is one of these. */
  isBilled(number: number): boolean {
    return this.bought[number - 1] === 1;
  }

  count(state: LineState): number {
    let found = 0;
    for (let at = 0; at < this.size; at += 1) if (this.states[at] === state) found += 1;
    return found;
  }

  /** Numbers of the lines in this state, in order. */
  *numbers(state: LineState): Generator<number, void, undefined> {
    for (let at = 0; at < this.size; at += 1) if (this.states[at] === state) yield at + 1;
  }

  private put(words: Uint32Array, number: number, { high, low }: Hash): void {
    words[2 * (number - 1)] = high;
    words[2 * (number - 1) + 1] = low;
  }

  /** Where this id is in the table, or where it would be put. */
  private slotOf({ high, low }: Hash): number {
    const mask = this.table.length - 1;
    for (let slot = low & mask; ; slot = (slot + 1) & mask) {
      const number = this.table[slot] ?? 0;
      if (number === 0) return slot;
      const at = 2 * (number - 1);
      if (this.ids[at] === high && this.ids[at + 1] === low) return slot;
    }
  }

  private makeRoom(number: number): void {
    if (number > this.size) this.size = number;
    if (number > this.states.length) {
      const room = Math.max(number, Math.ceil(this.states.length * 1.5));
      this.states = grown(this.states, new Uint8Array(room));
      this.bought = grown(this.bought, new Uint8Array(room));
      this.ids = grown(this.ids, new Uint32Array(2 * room));
      this.contents = grown(this.contents, new Uint32Array(2 * room));
    }
    if (2 * (this.entries + 1) <= this.table.length) return;
    const before = this.table;
    this.table = new Uint32Array(2 * before.length);
    for (const line of before) {
      if (line === 0) continue;
      const at = 2 * (line - 1);
      this.table[this.slotOf({ high: this.ids[at] ?? 0, low: this.ids[at + 1] ?? 0 })] = line;
    }
  }
}

function grown<Words extends Uint8Array | Uint32Array>(before: Words, after: Words): Words {
  after.set(before);
  return after;
}
