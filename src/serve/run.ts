/** The work of `run`: a server for one program, its environment, and how both end. It prints nothing itself. */
import type { Deps, ProgramEnd } from '../base/deps.ts';
import { CliError, shellCodes } from '../base/errors.ts';
import { runStep } from '../base/next-step.ts';
import { thisProcess } from '../base/process-state.ts';
import type { OutputEvent } from '../schemas/events.ts';
import { type CallOptions, findUpstream, runOptions } from './options.ts';
import { Queue } from './queue.ts';
import { cannotListen, noteTo, totalLine } from './serve.ts';
import { startServing } from './start.ts';
import { programVariables } from './variables.ts';

/** For calls that go on although the program has ended, ms: their cost is still wanted. */
const GRACE_MS = 10_000;

export interface RunWishes extends CallOptions {
  /** The program and its arguments. */
  program: readonly string[];
  verbose: boolean;
}

export async function* runProgram(
  wishes: RunWishes,
  deps: Deps,
): AsyncGenerator<OutputEvent, void, undefined> {
  if (wishes.program[0] === '')
    throw new CliError('usage', 'the program has no name; nothing was started', {
      code: 'no_program',
      next: runStep(['run', '--help']),
    });
  const options = runOptions(wishes);
  const { upstream, warnings } = await findUpstream(wishes, deps);
  for (const message of warnings) yield { type: 'warning', message };
  const queue = new Queue();
  const serving = await startServing(options, upstream, noteTo(queue, wishes.verbose), deps).catch(
    (error: unknown) => {
      throw cannotListen(error, options, deps);
    },
  );
  let ended: ProgramEnd;
  try {
    const { settings } = upstream;
    const proxy = { url: serving.url, token: options.token ?? '' };
    const { config, gateway } = settings;
    const isOwn = gateway.embedded && gateway.baseUrl === '';
    const sandbox = isOwn ? thisProcess(deps) : null;
    const variables = programVariables(proxy, gateway, config, deps.env, sandbox);
    const running = deps.runProgram(wishes.program, variables).finally(() => queue.end());
    yield* queue.events();
    ended = await running;
  } finally {
    await serving.stop(GRACE_MS);
  }
  const { calls } = serving.spent();
  const [name = ''] = wishes.program;
  if (ended.kind === 'ended' || calls > 0)
    yield { type: 'status', message: totalLine(serving.spent()) };
  if (ended.kind === 'not_started') yield { type: 'warning', message: whyNot(name, ended.code) };
  yield { type: 'exit', code: codeOf(ended) };
}

function whyNot(name: string, code: string): string {
  return code === 'ENOENT'
    ? `${name}: no such program in PATH; a line for a shell is: alltoken run -- sh -c '…'`
    : `${name}: it cannot be started (${code})`;
}

/** As a shell has it. */
function codeOf(ended: ProgramEnd): number {
  if (ended.kind === 'not_started')
    return ended.code === 'ENOENT' ? shellCodes.notFound : shellCodes.notExecutable;
  if (ended.code !== null) return ended.code;
  return ended.signal === null ? shellCodes.signals : shellCodes.signals + ended.signal;
}
