/**
 * What earlier runs of a batch have left: results in the output, intents in the state. It refuses an output that was
 * changed by hand, and settles what a run that ended early left open. It sends nothing.
 */
import type { Deps } from '../base/deps.ts';
import { costOfLost, damageOf, HeldLines, refuseDamage } from './damage.ts';
import { readIntents } from './intents.ts';
import type { LineIndex } from './line-index.ts';
import { lineOf, prepareOutput, readOutput } from './output-file.ts';
import { changedLine } from './same-batch.ts';
import { type Paths, type Settling, settle } from './settle.ts';
import type { HeldResults, StateHeader } from './state-file.ts';
import { Tally } from './tally.ts';

export interface Recalled {
  tally: Tally;
  /** Where the last result of each line is in the output, by number less 1; -1: nowhere. */
  offsets: Float64Array;
  /** Some lines of the output do not count any more. */
  needsCompaction: boolean;
  /** Lines of the output that a run of ours has torn. */
  torn: number;
  /** Lines whose result is gone from the output, and that may be paid for twice. */
  missing: number;
  /** Those of all runs, with what they cost; null: none. */
  lost: HeldResults | null;
  /** Why outcomes lack in the ledger, whose intents have to stay in the state; null: none does. */
  unsettled: string | null;
}

export interface RecallOptions {
  paths: Paths;
  index: LineIndex;
  /** null: this is the first run. */
  header: StateHeader | null;
  /** False: as it would be, for a dry run. */
  writes: boolean;
  /** Lines whose result is gone may be sent once more. */
  resends: boolean;
  book: Omit<Settling['book'], 'tags'>;
}

/** Throws `CliError` usage: `input_changed` where a line that was sent has changed, `output_changed` where a result is gone. */
export async function recall(options: RecallOptions, deps: Deps): Promise<Recalled> {
  const { paths, index, header, book } = options;
  const offsets = new Float64Array(index.size).fill(-1);
  const intents = await readIntents(paths.state, index, deps);
  const held = new HeldLines(index.size, intents);
  const counted = new Tally();
  let doubled = false;
  let stale = false;
  const end = await readOutput(
    paths.output,
    (known, offset) => {
      const number = lineOf(known, index);
      if (number === 'changed') throw changedLine(known.customId, index);
      if (number === 'unsent') {
        stale = true;
        return;
      }
      if (offsets[number - 1] !== -1) doubled = true;
      offsets[number - 1] = offset;
      counted.addCost(known);
      held.add(number, known);
      if (intents === null || !intents.has(number)) index.setResult(number, known);
      else if (intents.is(number, known.call)) {
        intents.close(number);
        index.setResult(number, known);
      }
    },
    deps,
  );
  const damage = damageOf(header, held, end, intents);
  const isThere = (await deps.files.status(paths.output)) !== null;
  if (damage !== null) refuseDamage(paths.output, header, damage, end.bytes === 0, options.resends);
  const tally = doubled ? await tallyOf(paths.output, index, offsets, deps) : counted;
  const lost =
    damage === null || header === null
      ? (header?.lost ?? null)
      : await costOfLost(paths.output, index, intents, header, damage.missing, deps);
  if (lost !== null) tally.addCost({ ...lost, billed: 'yes' });
  const recalled: Recalled = {
    tally,
    offsets,
    needsCompaction: false,
    torn: end.tornLines,
    missing: damage?.missing ?? 0,
    lost,
    unsettled: null,
  };
  if (!options.writes) return recalled;
  await prepareOutput(paths.output, end, isThere, deps);
  recalled.needsCompaction = doubled || stale || end.strange > 0;
  if (intents === null) return recalled;
  const tags = header?.tags ?? [];
  const settled = await settle(
    { paths, index, intents, tally, offsets, end, book: { ...book, tags } },
    deps,
  );
  if (settled.hasReplaced) recalled.needsCompaction = true;
  recalled.unsettled = settled.problem;
  return recalled;
}

/** Of the last result of each line. */
async function tallyOf(
  output: string,
  index: LineIndex,
  offsets: Float64Array,
  deps: Deps,
): Promise<Tally> {
  const tally = new Tally();
  await readOutput(
    output,
    (known, offset) => {
      const number = index.find(known.customId);
      if (number !== null && offsets[number - 1] === offset) tally.addCost(known);
    },
    deps,
  );
  return tally;
}
