/** `alltoken sandbox`: the embedded gateway as a server, for tests of other programs. A signal ends it, which is its normal end. */

import { InvalidArgumentError } from 'commander';
import type { Deps } from '../../base/deps.ts';
import { CliError, EXIT_OK, systemErrorCode } from '../../base/errors.ts';
import { runStep } from '../../base/next-step.ts';
import { outputFlags } from '../../flags/common-flags.ts';
import type { RegisterCommand } from '../../flags/context.ts';
import { type FlagsOf, flag, flagGroup, takeFlags } from '../../flags/declare-flags.ts';
import { addHelp, type Example } from '../../flags/help-text.ts';
import type { OutputEvent } from '../../schemas/events.ts';
import { mayNotListen } from '../../work/open-gateway.ts';

const examples: readonly Example[] = [
  'alltoken sandbox --port 8080',
  'alltoken sandbox --port 8080 --fault rate-limit:2',
  'ALLTOKEN_SANDBOX_FAULT=cut-stream alltoken chat -g sandbox "Hello"',
  'alltoken chat -g sandbox --base-url http://127.0.0.1:8080/v1 "Hello"',
];

const sandboxFlags = [
  flagGroup(
    null,
    flag('--port <number>', 'the port on 127.0.0.1; 0 takes a free one', {
      read: port,
      default: 0,
    }),
    flag('--fault <name>', 'misbehave: <name> always, <name>:<count> for that many requests', {
      repeatable: true,
    }),
    flag('--list-faults', 'list the faults and what they do'),
  ),
  outputFlags,
] as const;

type SandboxFlags = FlagsOf<typeof sandboxFlags>;

export const registerSandbox: RegisterCommand = (program, context) => {
  const command = program
    .command('sandbox')
    .description(
      'Run a local gateway for trials and tests until it is stopped. It accepts the same requests as AllToken, needs no key, charges nothing, and labels each answer as sandbox output. A line "tool: <name> <JSON arguments>" in a message calls that tool, if the request offers it; what follows "say:" is the answer.',
    );
  takeFlags(addHelp(command, examples), sandboxFlags, async (flags) => {
    await context.execute('sandbox', flags, () =>
      flags.listFaults ? listFaults() : serve(flags, context.deps),
    );
  });
};

function port(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value > 65_535)
    throw new InvalidArgumentError('Expected a port from 0 to 65535.');
  return value;
}

async function* listFaults(): AsyncGenerator<OutputEvent, void, undefined> {
  const { faultNames } = await import('../../sandbox/start.ts');
  const faults = Object.entries(faultNames).map(([name, description]) => ({ name, description }));
  const width = Math.max(...faults.map(({ name }) => name.length));
  yield {
    type: 'output',
    content: {
      text: faults
        .map(({ name, description }) => `${name.padEnd(width)}  ${description}\n`)
        .join(''),
    },
    document: {
      schema: 'alltoken.sandbox.v1',
      ok: true,
      exit: EXIT_OK,
      command: 'sandbox',
      faults,
    },
  };
}

async function* serve(
  flags: SandboxFlags,
  deps: Deps,
): AsyncGenerator<OutputEvent, void, undefined> {
  const { startSandbox, parseFault } = await import('../../sandbox/start.ts');
  const faults = (flags.fault ?? []).map(parseFault);
  const requests: string[] = [];
  let wake = (): void => {};
  const log = (line: string): void => {
    requests.push(line);
    wake();
  };
  const { clock } = deps;
  const sandbox = await startSandbox({ port: flags.port, faults, clock, log }).catch(
    (error: unknown) => {
      throw cannotListen(error, flags.port, deps);
    },
  );
  const stopped = new Promise<void>((resolve) => {
    if (deps.signal.aborted) resolve();
    deps.signal.addEventListener('abort', () => resolve(), { once: true });
  });
  try {
    yield {
      type: 'output',
      content: { text: `${sandbox.baseUrl}\n` },
      document: {
        schema: 'alltoken.sandbox.v1',
        ok: true,
        exit: EXIT_OK,
        command: 'sandbox',
        base_url: sandbox.baseUrl,
        port: sandbox.port,
      },
    };
    yield {
      type: 'status',
      message: `the sandbox listens; no model is behind it, nothing is charged. Stop it with Ctrl-C`,
    };
    while (!deps.signal.aborted) {
      const more = new Promise<void>((resolve) => {
        wake = resolve;
      });
      for (const message of requests.splice(0)) yield { type: 'status', message };
      await Promise.race([stopped, more]);
    }
  } finally {
    await sandbox.close();
  }
  throw deps.signal.reason;
}

/** Below it, a port needs more rights on many systems, and no sandbox is to blame. */
const FREE_PORTS = 1024;

function cannotListen(error: unknown, wanted: number, deps: Deps): CliError {
  const code = systemErrorCode(error);
  const isOpen = wanted === 0 || wanted >= FREE_PORTS;
  const forbidden = isOpen ? mayNotListen(error, deps) : null;
  if (forbidden !== null) return forbidden;
  const why =
    code === 'EADDRINUSE'
      ? 'it is in use'
      : code === 'EACCES'
        ? 'this needs more rights'
        : (code ?? 'it failed');
  return new CliError('local_io', `cannot listen on port ${wanted}: ${why}`, {
    code: code ?? 'listen_failed',
    billed: 'no',
    next: runStep(['sandbox', '--port', '0']),
    cause: error,
  });
}
