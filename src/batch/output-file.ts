/** The output: a line of JSON for each line of the input, as OpenAI's Batch API returns it. A later line with the same id counts instead. */

import type { Deps, FileReader, FileWriter } from '../base/deps.ts';
import { type Billed, systemErrorCode } from '../base/errors.ts';
import { asObject } from '../base/json.ts';
import { withoutSecrets } from '../base/secrets.ts';
import type { BatchCost, OutputLine } from '../schemas/batch.ts';
import { isBlank, lineWindows, readLineAt, textOf } from './input-lines.ts';
import { type LineIndex, type LineState, lineStates } from './line-index.ts';

type FileDeps = Pick<Deps, 'files' | 'clock' | 'signal'>;

/** What a line of the output says, as far as going on needs it. */
export interface Known {
  customId: string;
  state: LineState;
  hash: string | null;
  call: string | null;
  cost: BatchCost;
  billed: Billed;
  attempts: number;
  /** Of the latest try alone. */
  last: { cost: BatchCost; billed: Billed; attempts: number };
  /** USD that it can have cost where its cost is not known; null where that is not known either. */
  bound: string | null;
  requestId: string | null;
  usage: Readonly<Record<string, unknown>> | null;
  model: string | null;
}

/** Where a run may begin to write. */
export interface OutputEnd {
  /** Bytes of whole lines. */
  bytes: number;
  /** The last line has no line feed, and is whole. */
  lacksEnd: boolean;
  /** Lines that are not results. */
  strange: number;
  /** Those among them that look like torn ones of ours, as a full disk leaves them. */
  tornLines: number;
  /** The number of the first of these, from 1; null: there is none. */
  torn: number | null;
  /** That of the first line of somebody else, also without its end; null: there is none. */
  foreign: number | null;
}

/** Of a file that is not there. */
export const noLines: OutputEnd = {
  bytes: 0,
  lacksEnd: false,
  strange: 0,
  tornLines: 0,
  torn: null,
  foreign: null,
};

/** Calls `onLine` with each result, in their order, and where its line begins. A file that is not there is empty. */
export async function readOutput(
  path: string,
  onLine: (known: Known, offset: number) => void,
  { files, clock, signal }: FileDeps,
): Promise<OutputEnd> {
  let reader: Awaited<ReturnType<Deps['files']['openToRead']>>;
  try {
    reader = await files.openToRead(path);
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return noLines;
    throw error;
  }
  const end = { ...noLines };
  try {
    for (const lines of lineWindows(reader)) {
      for (const { bytes, isTooLong, isWhole, offset, number } of lines) {
        const known = isTooLong ? null : knownOf(textOf(bytes));
        if (known === null) {
          const isTorn = !isTooLong && mayBeTorn(bytes);
          if (!isTorn && (isTooLong || !isBlank(bytes))) end.foreign ??= number;
          if (!isWhole) break;
          end.strange += 1;
          if (isTorn) {
            end.tornLines += 1;
            end.torn ??= number;
          }
        } else {
          onLine(known, offset);
          end.lacksEnd = !isWhole;
        }
        end.bytes = isWhole ? offset + bytes.length + 1 : offset + bytes.length;
      }
      await clock.sleep(0, signal);
    }
    return end;
  } finally {
    await reader.close();
  }
}

/** As each line of ours begins. */
const BEGINNING = Buffer.from('{"id":"batch_req_');

/** A part of a line of ours, from its first byte, or what a power cut leaves of it. */
function mayBeTorn(bytes: Uint8Array): boolean {
  if (bytes.length === 0) return false;
  if (bytes[0] === 0) return true;
  const length = Math.min(bytes.length, BEGINNING.length);
  return BEGINNING.subarray(0, length).equals(bytes.subarray(0, length));
}

/**
 * The line of the input that a result is of, if it has the same content still. `changed`: it has not, or is gone; `unsent`: the
 * same, but that result bought nothing and was never sent, so that it counts no more.
 */
export function lineOf(
  { customId, hash, call, attempts }: Pick<Known, 'customId' | 'hash' | 'call' | 'attempts'>,
  index: LineIndex,
): number | 'changed' | 'unsent' {
  const number = index.find(customId);
  if (number !== null && hash !== null && index.hasContent(number, hash)) return number;
  return call === null && attempts === 0 ? 'unsent' : 'changed';
}

const billedWords: readonly Billed[] = ['yes', 'no', 'unknown'];

/** null for what is no result of ours. */
export function knownOf(text: string): Known | null {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return null;
  }
  const line = asObject(json);
  const ours = asObject(line?.alltoken);
  if (line === null || ours === null || typeof line.custom_id !== 'string') return null;
  const { hash, call, bound } = ours;
  const all = triesOf(ours, 'unknown');
  const last = asObject(ours.last);
  const response = asObject(line.response);
  const body = asObject(response?.body);
  const textOrNull = (value: unknown): string | null => (typeof value === 'string' ? value : null);
  return {
    customId: line.custom_id,
    state: stateOf(asObject(line.error)),
    hash: textOrNull(hash),
    call: textOrNull(call),
    ...all,
    last: last === null ? all : triesOf(last, all.billed),
    bound: textOrNull(bound),
    requestId: textOrNull(response?.request_id),
    usage: asObject(body?.usage),
    model: textOrNull(body?.model),
  };
}

function stateOf(error: Readonly<Record<string, unknown>> | null): LineState {
  if (error === null) return lineStates.done;
  return error.code === UNKNOWN ? lineStates.unknown : lineStates.failed;
}

/** The code of a line that may have been bought and has no result. */
export const UNKNOWN = 'unknown';

/** `unsaid`: where it does not say whether it was billed. */
function triesOf(
  { cost, billed, attempts }: Readonly<Record<string, unknown>>,
  unsaid: Billed,
): Known['last'] {
  return {
    cost: costOf(cost),
    billed: billedWords.find((word) => word === billed) ?? unsaid,
    attempts: typeof attempts === 'number' ? attempts : 0,
  };
}

export function costOf(value: unknown): BatchCost {
  const cost = asObject(value);
  const { amount = null, source } = cost ?? {};
  if (typeof amount !== 'string' || (source !== 'gateway' && source !== 'catalog'))
    return { amount: null, currency: 'USD', source: 'unknown' };
  return {
    amount,
    currency: 'USD',
    source,
    ...(cost?.at_least === true ? { at_least: true } : {}),
  };
}

/** Makes the file, or cuts a torn last line off. Throws the system's error. */
export async function prepareOutput(
  path: string,
  { bytes, lacksEnd }: Pick<OutputEnd, 'bytes' | 'lacksEnd'>,
  isThere: boolean,
  { files }: Pick<Deps, 'files'>,
): Promise<void> {
  const writer = await files.openToWrite(path, isThere ? bytes : 'new', 0o666);
  try {
    if (lacksEnd) await writer.write(Buffer.from('\n'));
    await writer.sync();
  } finally {
    await writer.close();
  }
}

/** One write. It returns when the system has the line, which survives the death of this process. */
export async function appendOutput(
  path: string,
  line: OutputLine,
  { files, secrets }: Pick<Deps, 'files' | 'secrets'>,
): Promise<void> {
  await files.appendLine(path, JSON.stringify(withoutSecrets(line, secrets)), 'often');
}

/** All that was written survives a power cut when it resolves. */
export async function syncOutput(path: string, { files }: Pick<Deps, 'files'>): Promise<void> {
  const size = (await files.status(path))?.bytes ?? 0;
  const writer = await files.openToWrite(path, size, 0o666);
  try {
    await writer.sync();
  } finally {
    await writer.close();
  }
}

/**
 * Leaves one line for each id, the last one, in the order of the input or as they are; anything that is no result goes.
 * The file has its new content in one step, and keeps its mode.
 */
export async function compactOutput(
  path: string,
  index: LineIndex,
  inOrder: boolean,
  deps: FileDeps & Pick<Deps, 'path'>,
): Promise<void> {
  const last = await lastResults(path, index, deps);
  const offsets = last.filter((offset) => offset >= 0);
  if (!inOrder) offsets.sort();
  const temporary = `${path}.tmp`;
  const { files } = deps;
  const mode = (await files.status(path))?.mode ?? 0o600;
  const reader = await files.openToRead(path);
  try {
    const writer = await files.openToWrite(temporary, 'empty', mode);
    try {
      await copyLines(reader, writer, offsets, deps);
      await writer.sync();
    } finally {
      await writer.close();
    }
    await files.rename(temporary, path);
  } catch (error) {
    await files.remove(temporary);
    throw error;
  } finally {
    await reader.close();
  }
  await files.syncDirectory(deps.path.dirname(path));
}

/** Where the last result of each line begins, by number less 1; -1: nowhere. */
export async function lastResults(
  path: string,
  index: LineIndex,
  deps: FileDeps,
): Promise<Float64Array> {
  const last = new Float64Array(index.size).fill(-1);
  await readOutput(
    path,
    (known, offset) => {
      const number = lineOf(known, index);
      if (typeof number === 'number') last[number - 1] = offset;
    },
    deps,
  );
  return last;
}

async function copyLines(
  reader: FileReader,
  writer: FileWriter,
  offsets: Float64Array,
  { clock, signal }: Pick<Deps, 'clock' | 'signal'>,
): Promise<void> {
  let copied = 0;
  for (const offset of offsets) {
    const line = readLineAt(reader, offset);
    if (line !== null) await writer.write(Buffer.from(`${line}\n`));
    copied += 1;
    if (copied % LINES_A_TURN === 0) await clock.sleep(0, signal);
  }
}

/** So many lines are copied before others get their turn. */
const LINES_A_TURN = 1000;
