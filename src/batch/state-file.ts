/**
 * `<out>.state`: what this batch is, and which lines may have been sent. A line's intent is on the disk before its request
 * leaves; what came of it is in the output. Lines of JSON; a torn last one was never acted upon.
 */
import type { Clock, Deps, FileWriter } from '../base/deps.ts';
import { systemErrorCode } from '../base/errors.ts';
import { asObject, asTexts, type JsonObject } from '../base/json.ts';
import type { BatchCost } from '../schemas/batch.ts';
import { lineWindows, textOf } from './input-lines.ts';
import { costOf } from './output-file.ts';

/** The hashes of what makes requests, by the flags that set it. */
export type FlagHashes = Readonly<Record<string, string>>;

/** Results that were billed, or may have been, and what they have cost together. */
export interface HeldResults {
  count: number;
  cost: BatchCost;
  /** USD that those of unknown cost can have cost. */
  bound: string;
}

/** The values of these flags as typed, for the hint where one has changed; what was not typed is absent. Nothing is decided by them. */
export type SaidFlags = Readonly<Record<string, readonly string[]>>;

export interface StateHeader {
  v: 1;
  flags: FlagHashes;
  /** Absent: an older version does not say it. */
  said?: SaidFlags;
  /** What `auto:` was when the batch began; null without it. */
  model: string | null;
  /** Of the run that wrote it. */
  tags?: readonly string[];
  /** What was in the output then, with what is lost; absent: an older version does not say it. */
  results?: HeldResults;
  /** Results that were gone, and that a person let the batch buy again. */
  lost?: HeldResults;
  /** Torn lines in the output. */
  torn?: number;
}

/** Before a request is sent. */
export interface Intent {
  id: string;
  /** Of the line, 16 hex digits. */
  hash: string;
  /** In the ledger. */
  call: string;
  /** The most that it can cost, in USD; null where no cap needs that. */
  bound: string | null;
  /** The line has a result of before that was billed, or may have been. */
  isAgain: boolean;
  /** As requested; null: an older version does not say it. */
  model: string | null;
}

export type StateRecord = { intent: Intent } | { notSent: { id: string; call: string } };

type FileDeps = Pick<Deps, 'files'>;

/** null where there is none. Rejects with the system's error; `bad`: it is none of ours; `newer`: of a later version. */
export async function readHeader(
  path: string,
  { files }: FileDeps,
): Promise<StateHeader | null | 'bad' | 'newer'> {
  const reader = await openOrNot(path, files);
  if (reader === null) return null;
  try {
    const [first] = lineWindows(reader).next().value ?? [];
    return first === undefined ? null : headerOf(textOf(first.bytes));
  } finally {
    await reader.close();
  }
}

function headerOf(text: string): StateHeader | 'bad' | 'newer' {
  const header = objectIn(text);
  const flags = asObject(header?.flags);
  if (typeof header?.v === 'number' && header.v > 1) return 'newer';
  if (header?.v !== 1 || flags === null) return 'bad';
  const { model, tags, torn } = header;
  const results = heldIn(header.results);
  const lost = heldIn(header.lost);
  const said = asObject(header.said);
  const hashes = Object.entries(flags).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  );
  return {
    v: 1,
    flags: Object.fromEntries(hashes),
    ...(said !== null && { said: saidIn(said) }),
    model: typeof model === 'string' ? model : null,
    tags: Array.isArray(tags) ? tags.filter((tag) => typeof tag === 'string') : [],
    ...(results !== null && { results }),
    ...(lost !== null && { lost }),
    torn: typeof torn === 'number' ? torn : 0,
  };
}

function saidIn(said: JsonObject): SaidFlags {
  return Object.fromEntries(
    Object.entries(said).map(([flag, values]) => [flag, asTexts(values) ?? []]),
  );
}

function heldIn(value: unknown): HeldResults | null {
  const held = asObject(value);
  if (held === null || typeof held.count !== 'number') return null;
  const { count, cost, bound } = held;
  return { count, cost: costOf(cost), bound: typeof bound === 'string' ? bound : '0' };
}

/** What it says behind its header, window by window. */
export async function* readRecords(
  path: string,
  { files }: FileDeps,
): AsyncGenerator<StateRecord[], void, undefined> {
  const reader = await openOrNot(path, files);
  if (reader === null) return;
  try {
    for (const lines of lineWindows(reader))
      yield lines
        .filter(({ number }) => number > 1)
        .flatMap(({ bytes }) => recordOf(textOf(bytes)) ?? []);
  } finally {
    await reader.close();
  }
}

function recordOf(text: string): StateRecord | null {
  const record = objectIn(text);
  const { id, h, call, b, again, m } = record ?? {};
  if (typeof id !== 'string' || typeof call !== 'string') return null;
  if (record?.not === true) return { notSent: { id, call } };
  if (typeof h !== 'string') return null;
  const bound = typeof b === 'string' ? b : null;
  const model = typeof m === 'string' ? m : null;
  return { intent: { id, hash: h, call, bound, isAgain: again === true, model } };
}

function objectIn(text: string) {
  try {
    return asObject(JSON.parse(text));
  } catch {
    return null;
  }
}

async function openOrNot(path: string, files: Deps['files']) {
  try {
    return await files.openToRead(path);
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return null;
    throw error;
  }
}

/** Nothing but the header: each line's fate is in the output. Durable when it resolves. */
export async function writeHeader(
  path: string,
  header: StateHeader,
  { files }: FileDeps,
): Promise<void> {
  await files.replace(path, `${JSON.stringify(header)}\n`);
}

async function endsWhole(path: string, size: number, files: Deps['files']): Promise<boolean> {
  if (size === 0) return true;
  const reader = await files.openToRead(path);
  try {
    return reader.read(size - 1, 1)[0] === NEWLINE;
  } finally {
    await reader.close();
  }
}

const NEWLINE = 0x0a;

/** The state of a run, to be written to. */
export class StateFile {
  private readonly writer: FileWriter;
  private readonly clock: Pick<Clock, 'sleep'>;
  private readonly calm = new AbortController().signal;
  private pending: string[] = [];
  /** The group that is being written. */
  private current: Promise<void> = Promise.resolve();
  /** The group that still takes records in; null: the next one begins it. */
  private collecting: Promise<void> | null = null;

  private constructor(writer: FileWriter, clock: Pick<Clock, 'sleep'>) {
    this.writer = writer;
    this.clock = clock;
  }

  /** Behind the header that is there. */
  static async open(
    path: string,
    { files, clock }: FileDeps & Pick<Deps, 'clock'>,
  ): Promise<StateFile> {
    const size = (await files.status(path))?.bytes ?? 0;
    const file = new StateFile(await files.openToWrite(path, size, 0o600), clock);
    // No record of ours may become the end of one that a killed run has torn.
    if (!(await endsWhole(path, size, files))) file.pending.push('\n');
    return file;
  }

  /** Resolves when it survives a power cut. All that come while one group is written are the next group. */
  async intend({ id, hash, call, bound, isAgain, model }: Intent): Promise<void> {
    const more = {
      ...(bound !== null && { b: bound }),
      ...(isAgain && { again: true }),
      ...(model !== null && { m: model }),
    };
    await this.add({ id, h: hash, call, ...more });
  }

  /** The request of an intent bought nothing, and the line may be sent again. As durable as an intent, and in one order with them. */
  async takeBack(id: string, call: string): Promise<void> {
    await this.add({ id, call, not: true });
  }

  private add(record: object): Promise<void> {
    this.pending.push(`${JSON.stringify(record)}\n`);
    this.collecting ??= this.writeAfter(this.current);
    return this.collecting;
  }

  async close(): Promise<void> {
    await this.writer.close();
  }

  private writeAfter(before: Promise<void>): Promise<void> {
    const writing = this.writeGroup(before);
    this.current = writing;
    return writing;
  }

  private async writeGroup(before: Promise<void>): Promise<void> {
    await before.catch(() => {}); // whoever waited for it knows
    // One turn, so that all that begin together are one group.
    await this.clock.sleep(0, this.calm);
    const group = this.pending.join('');
    this.pending = [];
    this.collecting = null;
    await this.writer.write(Buffer.from(group));
    await this.writer.sync();
  }
}
