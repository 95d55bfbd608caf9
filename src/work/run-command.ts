/** Wraps every command that may buy: it removes the key from its messages, collects its warnings, and ends with `result` or `error`, or the command's own last event. */
import type { Deps } from '../base/deps.ts';
import { toCliError } from '../base/error-document.ts';
import type { CliError } from '../base/errors.ts';
import type { OutputEvent } from '../schemas/events.ts';
import { errorWithoutKey, withoutKey } from './redact-key.ts';

/** The state of a run. */
export interface Run {
  /** On the monotonic clock, ms. */
  readonly startedAt: number;
  /** All warnings shown, in order. */
  readonly warnings: readonly string[];
}

export interface RunParts {
  /** Shows the stack of an internal error. */
  debug: boolean;
  /** The secret to remove from all output; null while no key is known. */
  key(): string | null;
  work(run: Run): AsyncGenerator<OutputEvent, void, undefined>;
  /** The last event of a successful run; null if the work has yielded it. */
  success(run: Run): OutputEvent | null;
  /** The failure with what the command knows about it: billing and the next step. */
  explain(error: CliError): CliError;
  /** The last event of a run that failed. */
  failure(error: CliError, run: Run): OutputEvent;
}

export async function* runCommand(
  parts: RunParts,
  deps: Pick<Deps, 'clock'>,
): AsyncGenerator<OutputEvent, void, undefined> {
  const warnings: string[] = [];
  const run = { startedAt: deps.clock.monotonic(), warnings };
  try {
    for await (const event of parts.work(run)) {
      const shown = withoutKey(event, parts.key());
      if (shown.type === 'warning') warnings.push(shown.message);
      yield shown;
    }
    const last = parts.success(run);
    if (last !== null) yield last;
  } catch (thrown) {
    const error = parts.explain(errorWithoutKey(toCliError(thrown), parts.key()));
    if (parts.debug && error.exit === 'internal' && error.cause instanceof Error)
      yield { type: 'trace', level: 'debug', message: error.cause.stack ?? error.cause.message };
    yield parts.failure(error, run);
  }
}
