/** Reads the calls that a report is of, and hands them to whoever adds them up. */

import type { Deps } from '../../base/deps.ts';
import { lossOf } from '../../base/loss.ts';
import { findPlaces } from '../../config/places.ts';
import { loadSettings } from '../../config/settings.ts';
import { readCalls } from '../../money/ledger/calls.ts';
import { type CallLine, Groups, type Query } from '../../money/ledger/groups.ts';
import type { Period } from '../../money/ledger/months.ts';
import type { OutputEvent } from '../../schemas/events.ts';
import { aliased } from '../../work/aliases.ts';
import { reportedGateway } from '../../work/reported-gateway.ts';
import type { CostFlags } from './options.ts';
import { readPeriod } from './period.ts';
import { readLedger } from './read-ledger.ts';

export interface Counted<Group> {
  question: Query;
  stretch: Period;
  groups: Groups<Group>;
  /** Lines that were torn or not ours. */
  skipped: number;
  warnings: string[];
}

/** Goes through the ledger once. Says on stderr what else must be known of the numbers. */
export async function* countCalls<Group>(
  flags: CostFlags,
  make: () => Group,
  add: (group: Group, line: CallLine) => void,
  deps: Deps,
): AsyncGenerator<OutputEvent, Counted<Group>, undefined> {
  const stretch = readPeriod(flags.since, flags.until, deps.clock.now());
  if (flags.since === undefined) {
    const message = `calls since ${stretch.since.slice(0, 10)}, this month (UTC); --since 7d for others`;
    yield { type: 'status', message };
  }
  const { by = 'model', tag = null } = flags;
  const gateway = await reportedGateway(flags.gateway, deps);
  const question = { by, tag, gateway, model: await modelOf(flags, deps) };
  const groups = new Groups(question, make, add);
  const { ledger } = findPlaces(deps);
  const skipped = await readLedger(ledger, () => readCalls(ledger, stretch, groups, deps));
  const warnings = skipped === 0 ? [] : [skippedWords(skipped)];
  for (const message of warnings) yield lossOf('ledger', message);
  return { question, stretch, groups, skipped, warnings };
}

/** Only an alias needs the config. */
async function modelOf(flags: CostFlags, deps: Deps): Promise<string | null> {
  const { model } = flags;
  return model === undefined ? null : aliased(model, (await loadSettings(deps, flags)).config);
}

export function leftOutNote(count: number): OutputEvent[] {
  const message = `${count} more ${count === 1 ? 'row is' : 'rows are'} left out; see --limit`;
  return count === 0 ? [] : [{ type: 'status', message }];
}

function skippedWords(count: number): string {
  return count === 1
    ? 'one line of the ledger is torn or not ours; left out'
    : `${count} lines of the ledger are torn or not ours; left out`;
}
