/** Reads the whole input once, before anything is sent: who each line is, whether it is one, and what the batch can cost. It writes nothing. */
import { isUtf8 } from 'node:buffer';
import type { Deps, FileReader } from '../base/deps.ts';
import { CliError } from '../base/errors.ts';
import { oneLine } from '../base/json.ts';
import { type InputLine, isBlank, lineWindows, textOf } from './input-lines.ts';
import { type Hash, hashOf, LineIndex, lineStates } from './line-index.ts';
import {
  type Entry,
  isFault,
  type LineFault,
  type RequestPlan,
  readEntry,
} from './line-request.ts';
import type { Shard } from './options.ts';
import { isInShard } from './shard.ts';

type ScanDeps = Pick<Deps, 'files' | 'clock' | 'signal'>;

export interface Scanned {
  index: LineIndex;
  /** Lines of this part. */
  lines: number;
  /** Lines of all parts that hold anything. */
  all: number;
  /** The first lines of this part that are not requests, some of them; all are in the index. */
  firstFaults: readonly FaultyLine[];
  unsent: UnsentFields;
}

/** Fields of lines that are in no place of a request. */
interface UnsentFields {
  /** The first of them. */
  names: Set<string>;
  lines: number;
  /** The number of the first line; 0: there is none. */
  first: number;
}

interface FaultyLine {
  number: number;
  fault: LineFault;
}

/** So many lines that are not requests are named with their reasons. */
const MOST_NAMED = 3;

/** So many fields that are not sent are named. */
const MOST_FIELDS = 8;

/** What a line of this number without a `custom_id` is called. */
function idOf(customId: string | null, number: number): string {
  return customId ?? `line-${number}`;
}

export interface KnownLine extends Entry {
  id: string;
}

const tooLong: Entry = {
  customId: null,
  request: { code: 'too_long', message: 'the line is longer than 32 MB' },
};

const notUtf8: Entry = {
  customId: null,
  request: { code: 'not_utf8', message: 'the line is not UTF-8' },
};

const BYTE_ORDER_MARK = 0xfeff;

export function readLine({ number, bytes, isTooLong }: InputLine, plan: RequestPlan): KnownLine {
  const entry = isTooLong ? tooLong : isUtf8(bytes) ? entryOf(bytes, number, plan) : notUtf8;
  return { ...entry, id: idOf(entry.customId, number) };
}

function entryOf(bytes: Uint8Array, number: number, plan: RequestPlan): Entry {
  const text = textOf(bytes);
  return readEntry(
    number === 1 && text.charCodeAt(0) === BYTE_ORDER_MARK ? text.slice(1) : text,
    plan,
  );
}

/** Throws `CliError` usage for a doubled `custom_id`. */
export async function scanInput(
  path: string,
  plan: RequestPlan,
  shard: Shard | null,
  deps: ScanDeps,
): Promise<Scanned> {
  const { files, clock, signal } = deps;
  const index = new LineIndex();
  const firstFaults: FaultyLine[] = [];
  const unsent: UnsentFields = { names: new Set(), lines: 0, first: 0 };
  const scanned: Scanned = { index, lines: 0, all: 0, firstFaults, unsent };
  const reader = await files.openToRead(path);
  try {
    for (const window of lineWindows(reader)) {
      for (const line of window) {
        const { number } = line;
        if (!line.isTooLong && isBlank(line.bytes)) {
          index.skip(number);
          continue;
        }
        const known = readLine(line, plan);
        scanned.all += 1;
        const isOurs = shard === null || isInShard(known.id, shard);
        const { request } = known;
        const state = isOurs
          ? isFault(request)
            ? lineStates.unreadable
            : lineStates.unread
          : lineStates.elsewhere;
        if (isOurs) scanned.lines += 1;
        if (isOurs && isFault(request)) {
          index.unsendable.add(number);
          if (firstFaults.length < MOST_NAMED) firstFaults.push({ number, fault: request });
        } else if (isOurs && known.left !== undefined) addUnsent(unsent, number, known.left);
        const earlier = index.add(number, hashOf(known.id), contentHash(line), state);
        if (earlier !== null) await tellApart(path, earlier, number, known.id, index, plan, deps);
      }
      await clock.sleep(0, signal);
    }
    return scanned;
  } finally {
    await reader.close();
  }
}

function addUnsent(unsent: UnsentFields, number: number, left: readonly string[]): void {
  unsent.lines += 1;
  if (unsent.first === 0) unsent.first = number;
  for (const name of left) if (unsent.names.size <= MOST_FIELDS) unsent.names.add(name);
}

function contentHash({ bytes, isTooLong, offset }: InputLine): Hash {
  return hashOf(isTooLong ? `too long, at ${offset}` : bytes);
}

/** Two lines whose ids have the same hash: nearly always the same id. */
async function tellApart(
  path: string,
  earlier: number,
  number: number,
  id: string,
  index: LineIndex,
  plan: RequestPlan,
  { files }: ScanDeps,
): Promise<void> {
  const reader = await files.openToRead(path);
  try {
    const other = idAt(reader, earlier, plan);
    if (other !== id) return index.share(other, earlier, id, number);
  } finally {
    await reader.close();
  }
  throw new CliError(
    'usage',
    `lines ${earlier} and ${number} have the same custom_id ${JSON.stringify(id.slice(0, 80))}; nothing was sent`,
    { code: 'doubled_custom_id' },
  );
}

function idAt(reader: FileReader, number: number, plan: RequestPlan): string {
  for (const window of lineWindows(reader))
    for (const line of window) if (line.number === number) return readLine(line, plan).id;
  return '';
}

/** null where each line is a request. */
export function faultWords({ index, firstFaults }: Scanned): string | null {
  const { size } = index.unsendable;
  if (size === 0) return null;
  const all =
    size === 1 ? '1 line is not a request, and is' : `${size} lines are not requests, and are`;
  const named = firstFaults.map(({ number, fault }) => `line ${number}: ${fault.message}`);
  const more = size > named.length ? [`and ${size - named.length} more`] : [];
  return `${all} not sent: ${[...named, ...more].join('; ')}`;
}

/** null where all that may be meant for the requests is sent. */
export function unsentWords({ unsent }: Scanned): string | null {
  const { lines, first, names } = unsent;
  if (lines === 0) return null;
  const all = [...names].slice(0, MOST_FIELDS).map((name) => oneLine(name).slice(0, 40));
  const more = names.size > MOST_FIELDS ? ' and more' : '';
  const where = lines === 1 ? `line ${first} are not sent` : `${lines} lines are not sent`;
  const which = lines === 1 ? '' : ` (line ${first} is the first)`;
  return `fields of ${where}: ${all.join(', ')}${more}${which}; a field of the request is sent where it is in body`;
}
