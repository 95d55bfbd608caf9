/**
 * The next steps of a failure as the command line shows them: one by the exit where nothing that knew more has named any, and
 * each on the gateway that the failed command was sent to. It decides by exits, codes and declared flags alone.
 */
import type { Command } from 'commander';
import type { Deps } from '../base/deps.ts';
import { diskRemedy } from '../base/errno.ts';
import { errorSteps, withSteps } from '../base/error-document.ts';
import type { ExitName } from '../base/errors.ts';
import { type NextStep, runStep } from '../base/next-step.ts';
import { loadSettings } from '../config/settings.ts';
import type { GatewayChoice } from '../flags/common-flags.ts';
import type { ErrorDocument } from '../schemas/common.ts';
import type { OutputEvent } from '../schemas/events.ts';

export interface Failed {
  /** As `config doctor`. */
  command: string;
  flags: GatewayChoice;
  /** It may have bought something by now. */
  maybeBilled(): boolean;
  declare(name: string): Promise<Command | null>;
  deps: Deps;
}

/** The event with the steps of its error; one without an error as it is. */
export async function withNextSteps(event: OutputEvent, failed: Failed): Promise<OutputEvent> {
  if (event.type === 'error') return { ...event, error: await advised(event.error, failed) };
  if (event.type === 'failure') {
    const command = event.command ?? failed.command;
    return { ...event, error: await advised(event.error, { ...failed, command }) };
  }
  if (event.type !== 'output' || event.error === undefined) return event;
  const error = await advised(event.error, failed);
  const { document } = event;
  const hasIt = document !== null && typeof document === 'object' && 'error' in document;
  return { ...event, error, document: hasIt ? { ...document, error } : document };
}

async function advised(error: ErrorDocument, failed: Failed): Promise<ErrorDocument> {
  const isOfTasks = failed.command.startsWith('tasks ');
  // A job is at its own gateway and at no other.
  const known = errorSteps(error).filter(
    (step) => !(isOfTasks && step.do === 'set-flag' && step.flag === '--gateway'),
  );
  const usual = known.length > 0 ? null : byExit[error.name as ExitName]?.(error, failed);
  const steps = usual == null ? known : [usual];
  if (steps.length === 0) return error;
  // The choice that the error is about would fail there, too.
  const { gateway, baseUrl } = failed.flags;
  const flags: GatewayChoice = {
    ...(gateway !== undefined && error.code !== 'unknown_gateway' && { gateway }),
    ...(baseUrl !== undefined && error.code !== 'bad_base_url' && { baseUrl }),
  };
  if (Object.keys(flags).length === 0)
    return usual == null && !isOfTasks ? error : withSteps(error, steps);
  return withSteps(
    error,
    await Promise.all(steps.map((step) => there(step, { ...failed, flags }))),
  );
}

type Row = (error: ErrorDocument, failed: Failed) => NextStep | null;

const byExit: Partial<Record<ExitName, Row>> = {
  usage: (_error, { command }) =>
    runStep([...(command === 'alltoken' ? [] : command.split(' ')), '--help']),
  no_key: doctor,
  auth: doctor,
  forbidden: doctor,
  network: doctor,
  not_found: (_error, { command }) => (command.startsWith('tasks ') ? runStep(['tasks']) : null),
  timeout: ({ billed }) => (billed === 'no' ? { do: 'retry' } : null),
  local_io: ({ code, billed }, { maybeBilled }) =>
    maybeBilled() && billed !== 'no'
      ? { do: 'check-usage', first: diskRemedy(code) }
      : { do: 'retry', first: diskRemedy(code), free: true },
};

/** The doctor itself has just failed. */
function doctor(_error: ErrorDocument, { command }: Failed): NextStep | null {
  return command === 'config doctor' ? null : runStep(['config', 'doctor']);
}

/** The same command on the gateway, and at the base URL, that the flags of the failed one have named. */
async function there(step: NextStep, failed: Failed): Promise<NextStep> {
  const { gateway, baseUrl } = failed.flags;
  if (step.do === 'use-model' || step.do === 'continue-chat') {
    const isSame = step.gateway === undefined || step.gateway === (await gatewayOf(failed));
    return { ...step, ...(isSame && { gateway: step.gateway ?? gateway, baseUrl }) };
  }
  if (step.do !== 'run' || step.argv[0] !== 'alltoken') return step;
  const has = await flagsOf(step.argv.slice(1), failed);
  const at = step.argv.indexOf('-g');
  const own = at === -1 ? null : step.argv[at + 1];
  if (own !== null && own !== (await gatewayOf(failed))) return step;
  const more = [
    ...(gateway !== undefined && own === null && has.has('--gateway') ? ['-g', gateway] : []),
    ...(baseUrl !== undefined && has.has('--base-url') && !step.argv.includes('--base-url')
      ? ['--base-url', baseUrl]
      : []),
  ];
  return more.length === 0 ? step : { ...step, argv: insert(step.argv, more) };
}

/** Before what is text, so that nothing of it is taken for the value of another flag. */
function insert(argv: readonly string[], more: readonly string[]): string[] {
  const gateway = argv.indexOf('-g');
  const at =
    gateway === -1
      ? argv.findIndex((word, index) => index > 1 && word.startsWith('-'))
      : gateway + 2;
  return at === -1 ? [...argv, ...more] : [...argv.slice(0, at), ...more, ...argv.slice(at)];
}

/** The long names of what the command that these words name takes; none where it is a help that is shown. */
async function flagsOf(words: readonly string[], { declare }: Failed): Promise<Set<string>> {
  if (words.includes('--help')) return new Set();
  let command = await declare(words[0] ?? '');
  for (const word of words.slice(1)) {
    const below: Command | undefined = command?.commands.find((one) => one.name() === word);
    if (below === undefined) break;
    command = below;
  }
  return new Set(command?.options.flatMap(({ long }) => (long == null ? [] : [long])));
}

async function gatewayOf({ flags, deps }: Failed): Promise<string | null> {
  return loadSettings(deps, flags).then(
    ({ gateway }) => gateway.id,
    () => null,
  );
}
