/** The intents that earlier runs have left in `<out>.state`: which lines may have been sent, in some bytes a line. It reads, and writes nothing. */
import type { Deps } from '../base/deps.ts';
import { Seen } from '../money/ledger/seen.ts';
import { hashOf, type LineIndex, lineStates } from './line-index.ts';
import { changedLine } from './same-batch.ts';
import { type Intent, readRecords } from './state-file.ts';

/** Of the calls that were refused and bought nothing, the last so many may lack their outcome in the ledger: more than can be in flight. */
const LAST_REFUSED = 1024;

/** Calls of intents, by line, as hashes: a killed run may leave a million of them. */
export class Intents {
  /** All calls with an intent, also those that are over. */
  readonly calls = new Seen();
  count = 0;
  private readonly words: Uint32Array;
  /** Lines that had a result already which may have been billed. */
  private readonly again: Uint8Array;
  /** The last that were refused and bought nothing, by line. */
  private readonly back = new Map<number, string>();

  constructor(size: number) {
    this.words = new Uint32Array(2 * size);
    this.again = new Uint8Array(size);
  }

  open(number: number, { call, isAgain }: Intent): void {
    const { high, low } = hashOf(call);
    if (!this.has(number)) this.count += 1;
    // Refused before, and sent again.
    this.back.delete(number);
    this.words[2 * number - 2] = high;
    // Not 0, which is no call.
    this.words[2 * number - 1] = odd(low);
    this.calls.add(call);
    if (isAgain) this.again[number - 1] = 1;
  }

  close(number: number): void {
    if (this.has(number)) this.count -= 1;
    this.words.fill(0, 2 * number - 2, 2 * number);
  }

  takeBack(number: number, call: string): void {
    this.close(number);
    this.back.set(number, call);
    const [first] = this.back.keys();
    if (first !== undefined && this.back.size > LAST_REFUSED) this.back.delete(first);
  }

  /** The run may have been killed before its ledger said so. */
  get refused(): string[] {
    return [...this.back.values()];
  }

  has(number: number): boolean {
    return this.words[2 * number - 1] !== 0;
  }

  is(number: number, call: string | null): boolean {
    if (call === null) return false;
    const { high, low } = hashOf(call);
    return this.words[2 * number - 2] === high && this.words[2 * number - 1] === odd(low);
  }

  /** Whether its result may have been there before these intents. */
  isAgain(number: number): boolean {
    return this.again[number - 1] === 1;
  }
}

function odd(word: number): number {
  return (word | 1) >>> 0;
}

/** null where the last run left none. Throws `CliError` usage where a line with an intent has changed. */
export async function readIntents(
  state: string,
  index: LineIndex,
  deps: Deps,
): Promise<Intents | null> {
  let intents: Intents | null = null;
  for await (const records of readRecords(state, deps)) {
    for (const record of records) {
      intents ??= new Intents(index.size);
      if ('intent' in record) {
        const { id, hash } = record.intent;
        const number = index.find(id);
        if (number === null || !index.hasContent(number, hash)) throw changedLine(id, index);
        intents.open(number, record.intent);
        index.setState(number, lineStates.intent);
      } else {
        const number = index.find(record.notSent.id);
        if (number === null || !intents.is(number, record.notSent.call)) continue;
        intents.takeBack(number, record.notSent.call);
        index.setState(number, lineStates.unread);
      }
    }
    await deps.clock.sleep(0, deps.signal);
  }
  return intents;
}

/** Those without a result. */
export async function openIntents(
  state: string,
  index: LineIndex,
  intents: Intents,
  deps: Deps,
): Promise<Intent[]> {
  const found = new Map<number, Intent>();
  if (intents.count === 0) return [];
  for await (const records of readRecords(state, deps))
    for (const record of records) {
      if (!('intent' in record)) continue;
      const number = index.find(record.intent.id);
      if (number !== null && intents.is(number, record.intent.call))
        found.set(number, record.intent);
    }
  return [...found.values()];
}
