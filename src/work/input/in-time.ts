/** --timeout counts while input is read, too: nothing is sent before it is whole. */
import type { Deps } from '../../base/deps.ts';
import { CliError } from '../../base/errors.ts';
import { innerDeps } from '../../base/inner-deps.ts';

/** What reads with `deps` is rejected with exit 33 at the deadline; null: there is none. `stop` ends the watch. */
export function inTime(deadlineAt: number | null, deps: Deps): { deps: Deps; stop(): void } {
  if (deadlineAt === null) return { deps, stop: () => {} };
  const late = new AbortController();
  const left = Math.max(1, deadlineAt - deps.clock.monotonic());
  const stop = deps.clock.after(left, () => late.abort(tooLate()));
  return { deps: innerDeps(deps, { signal: AbortSignal.any([deps.signal, late.signal]) }), stop };
}

function tooLate(): CliError {
  return new CliError(
    'timeout',
    '--timeout was over before the request was sent: its input had not ended',
    {
      code: 'total_timeout',
      billed: 'no',
    },
  );
}
