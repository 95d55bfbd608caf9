/** Shows the events of one command on the real streams, and says with which code the process ends. It runs no command. */

import type { Deps } from '../base/deps.ts';
import { diskRemedy, errnoWords } from '../base/errno.ts';
import { errorDocument, toCliError } from '../base/error-document.ts';
import { CliError, EXIT_OK, exitCodes, shellCodes, systemErrorCode } from '../base/errors.ts';
import { type NextStep, runStep } from '../base/next-step.ts';
import { redact } from '../base/redact.ts';
import { formatOf, type GatewayChoice, type OutputFlags } from '../flags/common-flags.ts';
import type { Context } from '../flags/context.ts';
import { buyingCommands } from '../schemas/choices.ts';
import type { OutputEvent } from '../schemas/events.ts';
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
  const seen: Seen = { exit: EXIT_OK, gateway: undefined, kept: null };
  try {
    const maybeBilled = mayBuy(command);
    const failed = { command, flags, maybeBilled, declare, deps };
    await render(advised(watch(command, events, seen), failed), options, deps);
    return seen.exit;
  } catch (error) {
    // A signal comes first.
    if (seen.exit > shellCodes.signals) return seen.exit;
    return outputFailed(error, command, seen, options, deps);
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

/** What went by. */
interface Seen {
  exit: number;
  /** Of the last request. */
  gateway?: string | undefined;
  /** The conversation that has the answer. */
  kept?: string | null;
}

/** Notes the exit code as the events go by, and turns what a command throws into its last event. */
export async function* watch(
  command: string,
  events: AsyncIterable<OutputEvent>,
  seen: Seen,
): AsyncGenerator<OutputEvent, void, undefined> {
  try {
    for await (const event of events) {
      if (event.type === 'error' || event.type === 'failure') seen.exit = event.error.exit;
      if (event.type === 'exit') seen.exit = event.code;
      if (event.type === 'start') seen.gateway = event.gateway;
      if (event.type === 'kept') seen.kept = event.session;
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

/** Whether the output may be of something that was paid for. `command`: with its subcommand. */
function mayBuy(command: string): boolean {
  const name = command.split(' ', 1)[0] ?? '';
  // `tasks` buys nothing new, and brings what was bought.
  return name === 'tasks' || name === 'batch' || buyingCommands.some((buying) => buying === name);
}

/** stdout or stderr cannot be written: silent when the reader went away, one line otherwise. */
async function outputFailed(
  error: unknown,
  command: string,
  seen: Seen,
  options: RenderOptions,
  deps: Deps,
): Promise<number> {
  const notes = makeNotes(options, deps);
  if (isClosed(error)) {
    // Its results are in a file, which nobody sees end.
    if (command === 'batch') await notes.show(batchWithoutReader).catch(() => {});
    return exitCodes.sigpipe.code;
  }
  const code = systemErrorCode(error);
  const bought = mayBuy(command) ? seen : null;
  const failure = code === undefined ? toCliError(error) : outputError(code, bought, error);
  await notes.failure(errorDocument(failure)).catch(() => {});
  return failure.exitCode;
}

const batchWithoutReader: OutputEvent = {
  type: 'status',
  message:
    'the reader of stdout is gone, so no more lines are sent; each line that was sent has its result in the output, and the same command goes on',
};

function outputError(code: string, bought: Seen | null, cause: unknown): CliError {
  return new CliError('local_io', `cannot write the output: ${errnoWords(code)}`, {
    code,
    cause,
    next: nextOf(bought, diskRemedy(code, 'send the output elsewhere')),
  });
}

function nextOf(bought: Seen | null, first: string): NextStep {
  if (bought === null) return { do: 'retry', first, free: true };
  const { kept = null, gateway } = bought;
  if (kept === null) return { do: 'check-usage', first, gateway };
  const why = 'the answer is saved, and may have been billed; show it';
  return { ...runStep(['sessions', 'show', kept]), why };
}

function renderOptions(flags: OutputFlags, deps: Deps): RenderOptions {
  const secrets = Object.entries(deps.env).flatMap(([name, value]) =>
    value && /API_KEY$/.test(name) ? [value.trim()] : [],
  );
  return {
    format: formatOf(flags),
    noColour: !flags.color,
    quiet: flags.quiet === true,
    verbose: flags.verbose === true || flags.debug === true,
    debug: flags.debug === true,
    redact: (text) => secrets.reduce((clean, secret) => redact(clean, secret), redact(text, null)),
  };
}
