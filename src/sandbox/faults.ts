/** The failures that the sandbox shows on demand: how to read them from a flag, and which of them hit a request. It sends nothing. */

import { closestMatch } from 'leven';
import { CliError } from '../base/errors.ts';
import { type NextSteps, runStep, say } from '../base/next-step.ts';
import { faultNames } from './fault-names.ts';
import type { FaultName } from './fault-table.ts';

export interface Fault {
  name: FaultName;
  /** How many requests it hits, or how many tasks, where it stays with a task; Infinity when not limited. */
  remaining: number;
  /** It has hit at least one request. */
  hasHit?: boolean;
}

/**
 * Reads `rate-limit` (every request) or `rate-limit:2` (the next two).
 * Throws CliError `usage` that names the nearest known fault, or all of them.
 */
export function parseFault(text: string): Fault {
  const [name = '', count, ...rest] = text.split(':');
  if (!isFaultName(name)) {
    const known = Object.keys(faultNames);
    const nearest = closestMatch(name, known, { maxDistance: Math.ceil(name.length / 4) });
    const list = runStep(['sandbox', '--list-faults']);
    const next: NextSteps =
      nearest === undefined ? list : [{ do: 'did-you-mean', values: [nearest] }, list];
    throw new CliError('usage', `no fault is called ${JSON.stringify(name)}`, { next });
  }
  if (count === undefined) return { name, remaining: Infinity };
  if (rest.length > 0 || !/^[1-9]\d{0,8}$/.test(count)) {
    const next = say(`write ${name}, or ${name}:2 for the next two requests`);
    throw new CliError('usage', `bad number of requests in fault ${JSON.stringify(text)}`, {
      next,
    });
  }
  return { name, remaining: Number(count) };
}

/** The first fault among `names` that still hits, counted down; null when none does. */
export function takeFirst<Name extends FaultName>(
  faults: readonly Fault[],
  names: readonly Name[],
): Name | null {
  for (const fault of faults) {
    const name = names.find((candidate) => candidate === fault.name);
    if (name === undefined || fault.remaining <= 0) continue;
    fault.remaining -= 1;
    fault.hasHit = true;
    return name;
  }
  return null;
}

/** Every fault among `names` that still hits, each counted down. */
export function takeEach<Name extends FaultName>(
  faults: readonly Fault[],
  names: readonly Name[],
): ReadonlySet<Name> {
  return new Set(names.filter((name) => takeFirst(faults, [name]) !== null));
}

function isFaultName(name: string): name is FaultName {
  return Object.hasOwn(faultNames, name);
}
