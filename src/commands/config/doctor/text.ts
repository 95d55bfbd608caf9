/** The checks for people, a line each, and for pipes, a row each. It judges none. */

import type { Deps } from '../../../base/deps.ts';
import { wrapWords } from '../../../base/wrap-words.ts';
import type { Table } from '../../../schemas/events.ts';
import type { Check } from '../../../work/doctor/check.ts';

type State = 'ok' | 'warning' | 'failed' | 'skipped';

const words = { ok: 'ok', warning: 'warning', failed: 'FAILED', skipped: 'not tried' } as const;
const marks = { ok: '✓', warning: '!', failed: '✗', skipped: '–' } as const;
/** For a terminal that may have no others. */
const plainMarks = { ok: '+', warning: '!', failed: 'x', skipped: '-' } as const;

/** Of a terminal that does not say. */
const USUAL_COLUMNS = 80;
/** Less room for the details is of no use beside the names. */
const LEAST_ROOM = 30;

function stateOf({ ok, warning, skipped }: Check): State {
  return skipped ? 'skipped' : ok ? (warning ? 'warning' : 'ok') : 'failed';
}

/** state, name, what was found. */
export function checkTable(checks: readonly Check[]): Table {
  return {
    head: [],
    rows: checks.map((check) => [words[stateOf(check)], check.name, check.detail]),
  };
}

/** `✓ config  /home/me/.config/alltoken/config.json`; what does not fit goes on below its own beginning. */
export function checkLines(
  checks: readonly Check[],
  { stdout, env }: Pick<Deps, 'stdout' | 'env'>,
): string {
  const shown: Readonly<Record<State, string>> = env.TERM === 'dumb' ? plainMarks : marks;
  const columns = stdout.columns ?? USUAL_COLUMNS;
  const widest = Math.max(0, ...checks.map(({ name }) => name.length));
  const isBeside = columns - widest - 4 >= LEAST_ROOM;
  const lines = checks.flatMap((check) => {
    const head = `${shown[stateOf(check)]} ${isBeside ? check.name.padEnd(widest) : check.name}`;
    const indent = isBeside ? head.length + 2 : 4;
    const [first = '', ...rest] = wrapWords(check.detail, columns - indent);
    const below = rest.map((line) => ' '.repeat(indent) + line);
    if (isBeside) return [`${head}  ${first}`.trimEnd(), ...below];
    const all = [first, ...rest].filter((line) => line !== '');
    return [head, ...all.map((line) => ' '.repeat(indent) + line)];
  });
  return lines.map((line) => `${line}\n`).join('');
}
