/** Finds the last call of the ledger from the end, so that the size of the ledger costs nothing. It reads no more than it needs. */
import type { Deps, FileReader } from '../../base/deps.ts';
import { isReported } from '../play.ts';
import type { IntentLine, OutcomeLine } from './lines.ts';
import { listMonths } from './months.ts';
import { parseLedgerLine, wasSent } from './parse.ts';

export interface LastCall {
  /** null: `killed` is the last, or no call has one yet. */
  outcome: OutcomeLine | null;
  /** The newest call that began after the last outcome and whose process has ended without one. */
  killed: IntentLine | null;
  /** The newest call that began after it and has no outcome: killed, or still running. */
  open: IntentLine | null;
}

const STEP_BYTES = 64 * 1024;

/** No line of ours is nearly as long. */
const MAX_LINE_BYTES = 1024 * 1024;

const NEWLINE = 0x0a;

/** The last call to `gateway`, of those that do not run any more; where that is null, to any gateway that costs money. null: there is none. Throws the system's error where the ledger is there and cannot be read. */
export async function findLastCall(
  directory: string,
  gateway: string | null,
  wasKilled: (line: IntentLine) => boolean,
  deps: Pick<Deps, 'files' | 'path'>,
): Promise<LastCall | null> {
  const months = await listMonths(directory, deps);
  let open: IntentLine | null = null;
  let killed: IntentLine | null = null;
  const unsent = new Set<string>();
  for (const { path } of months.reverse()) {
    const reader = await deps.files.openToRead(path);
    try {
      for (const text of linesFromEnd(reader)) {
        const line = parseLedgerLine(text);
        if (line === null || line.event === 'other' || !isReported(line.gateway, gateway)) continue;
        if (line.event === 'outcome' && !wasSent(line)) unsent.add(line.call);
        if (unsent.has(line.call)) continue;
        if (line.event === 'outcome') {
          const isCopy = killed?.call === line.call;
          return {
            outcome: killed === null || isCopy ? line : null,
            killed: isCopy ? null : killed,
            open: open?.call === line.call ? null : open,
          };
        }
        open ??= line;
        if (killed === null && wasKilled(line)) killed = line;
      }
    } finally {
      await reader.close();
    }
  }
  return open === null ? null : { outcome: null, killed, open };
}

/** The last line first, without line ends; lines that are too long to be ours are left out. */
export function* linesFromEnd(reader: FileReader): Generator<string, void, undefined> {
  // Bytes behind `start` whose line begins before it; null: that line is too long, and is left out.
  let tail: Uint8Array | null = new Uint8Array(0);
  for (let start = reader.size; start > 0; ) {
    const length = Math.min(STEP_BYTES, start);
    start -= length;
    const bytes = reader.read(start, length);
    const first = start === 0 ? -1 : bytes.indexOf(NEWLINE);
    if (start > 0 && first === -1) {
      tail = tail === null || tail.length > MAX_LINE_BYTES ? null : join(bytes, tail);
      continue;
    }
    const whole = tail === null ? bytes.subarray(0, bytes.lastIndexOf(NEWLINE) + 1) : bytes;
    const lines = join(whole.subarray(first + 1), tail ?? new Uint8Array(0))
      .toString()
      .split('\n');
    tail = Buffer.from(bytes.subarray(0, first + 1));
    for (const line of lines.reverse()) if (line !== '') yield line;
  }
}

function join(a: Uint8Array, b: Uint8Array): Buffer {
  return Buffer.concat([a, b]);
}
