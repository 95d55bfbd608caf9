/** Writes a month of the ledger into a home of its own, once, and knows what every report of it must say. */
import { createHash } from 'node:crypto';
import { closeSync, fsyncSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { calls, month, tenPlaces } from './ledger-calls.mjs';

const stepCharacters = 1_000_000;
const made = new Map();

/**
 * A ledger of so many calls: `home` (for ALLTOKEN_HOME), `file`, `bytes`; `report`, by model, what a report must say, and
 * `totals` of all; `last`, what the last call cost; `usages`, byte count and hash of every line's usage as jq prints it.
 */
export function ledgerOf(bench, count) {
  if (!made.has(count)) made.set(count, make(join(bench.directory, `calls-${count}`), count));
  return made.get(count);
}

function make(home, count) {
  const directory = join(home, 'ledger');
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const file = join(directory, `${month}.jsonl`);
  const paper = openPaper(file);
  const report = new Map();
  const totals = emptyTally();
  const running = [];
  let last = null;
  const end = (before) => {
    running.sort((a, b) => (a.at < b.at ? -1 : 1));
    while (running.length > 0 && (before === null || running[0].at < before)) {
      last = running.shift();
      paper.write(last);
    }
  };
  for (const { intent, outcome, units } of calls(count)) {
    end(intent.at);
    paper.write(intent);
    running.push(outcome);
    const { requested_model: model } = outcome;
    if (!report.has(model)) report.set(model, emptyTally());
    for (const tally of [totals, report.get(model)]) add(tally, outcome, units);
  }
  end(null);
  return { home, file, report, totals, last: last.cost.amount ?? 'unknown', ...paper.close() };
}

/** Lines on their way into the file; on the disk when it is closed, so that no run shares the disk with them. */
function openPaper(file) {
  const descriptor = openSync(file, 'wx', 0o600);
  const hash = createHash('sha256');
  const usages = { bytes: 0 };
  let text = '';
  let printed = '';
  let bytes = 0;
  const flush = () => {
    bytes += writeSync(descriptor, text);
    usages.bytes += Buffer.byteLength(printed);
    hash.update(printed);
    text = '';
    printed = '';
  };
  return {
    write(line) {
      text += `${JSON.stringify(line)}\n`;
      printed += `${JSON.stringify(line.usage ?? null)}\n`;
      if (text.length >= stepCharacters) flush();
    },
    close() {
      flush();
      fsyncSync(descriptor);
      closeSync(descriptor);
      return { bytes, usages: { ...usages, sha256: hash.digest('hex') } };
    },
  };
}

function emptyTally() {
  return { calls: 0, known: 0, unknown: 0, unbilled: 0, prompt: 0, total: 0, units: 0n };
}

function add(tally, { billed, usage }, units) {
  tally.calls += 1;
  tally.prompt += usage?.prompt_tokens ?? usage?.input_tokens ?? 0;
  tally.total += usage?.total_tokens ?? 0;
  if (units !== null) {
    tally.known += 1;
    tally.units += units;
  } else if (billed === 'no') tally.unbilled += 1;
  else tally.unknown += 1;
}

/** A tally in the words of `alltoken cost --json`, as far as they are compared. */
export function inWords({ calls: count, known, unknown, unbilled, prompt, total, units }) {
  const amount = known === 0 && unknown > 0 ? null : trimmed(tenPlaces(units));
  return {
    calls: count,
    prompt_tokens: prompt,
    total_tokens: total,
    known_calls: known,
    unknown_calls: unknown,
    unbilled_calls: unbilled,
    cost: amount,
  };
}

/** Without needless zeros, as sums are printed. */
function trimmed(digits) {
  return digits.replace(/\.?0+$/, '');
}
