/** Shows the events of one command on the real streams, and says with which code the process ends. It runs no command. */

import type { Deps } from '../base/deps.ts';
import { errorDocument, toCliError } from '../base/error-document.ts';
import { type CliError, EXIT_OK, exitCodes, shellCodes } from '../base/errors.ts';
import { layoutMark, redact, withoutSecret } from '../base/redact.ts';
import { withoutSecretsIn } from '../base/secrets.ts';
import { formatOf, type GatewayChoice, type OutputFlags } from '../flags/common-flags.ts';
import type { Context } from '../flags/context.ts';
import type { OutputEvent } from '../schemas/events.ts';
import { Bought } from './bought.ts';
import type { Failed } from './next-steps.ts';
import { isClosed, makeNotes, type RenderOptions, render } from './render/format.ts';

/** Shows the events; the exit code is the last one's, unless showing them failed. */
export async function showAll(
  command: string,
  flags: OutputFlags & GatewayChoice,
  events: AsyncIterable<OutputEvent>,
  deps: Deps,
  declare: Context['declare'],
): Promise<number> {
  const options = renderOptions(flags, deps);
  const seen = { exit: EXIT_OK as number };
  const bought = new Bought();
  try {
    const maybeBilled = (): boolean => command === 'batch' || bought.isAny;
    const failed = { command, flags, maybeBilled, declare, deps };
    const shown = withoutSecretsIn(
      watch(command, events, seen),
      deps.secrets,
      options.format === 'text' ? layoutMark : undefined,
    );
    const watched = bought.noted(shown);
    await render(advised(watched, failed), options, deps);
    return seen.exit;
  } catch (error) {
    // A signal comes first.
    if (seen.exit > shellCodes.signals) return seen.exit;
    return outputFailed(error, command, bought, options, deps);
  }
}

/** Failures with what to do next; of another command line they are read by a program, which needs no help. */
async function* advised(
  events: AsyncIterable<OutputEvent>,
  failed: Failed,
): AsyncGenerator<OutputEvent, void, undefined> {
  for await (const event of events) {
    const hasError =
      event.type === 'error' ||
      event.type === 'failure' ||
      (event.type === 'output' && event.error !== undefined);
    // Only a failure needs the code for it.
    yield hasError ? await (await import('./next-steps.ts')).withNextSteps(event, failed) : event;
  }
}

/** Notes the exit code as the events go by, and turns what a command throws into its last event. */
export async function* watch(
  command: string,
  events: AsyncIterable<OutputEvent>,
  seen: { exit: number },
): AsyncGenerator<OutputEvent, void, undefined> {
  try {
    for await (const event of events) {
      if (event.type === 'error' || event.type === 'failure') seen.exit = event.error.exit;
      if (event.type === 'exit') seen.exit = event.code;
      if (event.type === 'output' && event.error) seen.exit = event.error.exit;
      yield event;
    }
  } catch (thrown) {
    const error = toCliError(thrown);
    seen.exit = error.exitCode;
    yield failureEvent(command, error);
  }
}

export function failureEvent(command: string | null, error: CliError): OutputEvent {
  return {
    type: 'failure',
    schema: 'alltoken.error.v1',
    ok: false,
    command,
    error: errorDocument(error),
  };
}

/** stdout or stderr cannot be written: silent when the reader went away and missed nothing that was paid for, one error otherwise. */
async function outputFailed(
  error: unknown,
  command: string,
  bought: Bought,
  options: RenderOptions,
  deps: Deps,
): Promise<number> {
  const notes = makeNotes(options, deps);
  // Its results are in a file, which nobody sees end.
  if (isClosed(error) && command === 'batch') await notes.show(batchWithoutReader).catch(() => {});
  const { outputFailure } = await import('./output-failure.ts');
  const failure = outputFailure(error, isClosed(error), bought);
  if (failure !== null) await notes.failure(errorDocument(failure)).catch(() => {});
  return failure?.exitCode ?? exitCodes.sigpipe.code;
}

const batchWithoutReader: OutputEvent = {
  type: 'status',
  message:
    'the reader of stdout is gone, so no more lines are sent; each line that was sent has its result in the output, and the same command goes on',
};

function renderOptions(flags: OutputFlags, deps: Deps): RenderOptions {
  const set = Object.entries(deps.env).flatMap(([name, value]) =>
    value && /API_KEY$/.test(name) ? [value.trim()] : [],
  );
  return {
    format: formatOf(flags),
    noColour: !flags.color,
    quiet: flags.quiet === true,
    verbose: flags.verbose === true || flags.debug === true,
    debug: flags.debug === true,
    secrets: deps.secrets,
    redact: (text) => {
      let clean = redact(text, null);
      for (const secret of set) clean = redact(clean, secret);
      for (const secret of deps.secrets) clean = withoutSecret(clean, secret);
      return clean;
    },
  };
}
