/** The work of `serve`: starts the server, says how to reach it, and stops it when a signal comes. It prints nothing itself. */
import type { Deps } from '../base/deps.ts';
import { CliError, EXIT_OK, exitCodes, SignalReceived, systemErrorCode } from '../base/errors.ts';
import { runStep } from '../base/next-step.ts';
import { exportLine } from '../config/variable.ts';
import type { OutputEvent } from '../schemas/events.ts';
import type { ServeDocument } from '../schemas/serve.ts';
import { mayNotListen } from '../work/open-gateway.ts';
import { errorWithoutKey } from '../work/redact-key.ts';
import type { Spent } from './calls.ts';
import { type CallOptions, findUpstream, type ListenFlags, serveOptions } from './options.ts';
import { Queue } from './queue.ts';
import { type ServeOptions, type Serving, startServing } from './start.ts';
import { variablesFor } from './variables.ts';

/** How long running calls may take once a signal has come, ms. */
const GRACE_MS = 10_000;

export interface ServeWishes extends CallOptions, ListenFlags {
  /** One document on stdout, and no lines for a shell. */
  json: boolean;
  verbose: boolean;
}

export async function* serve(
  wishes: ServeWishes,
  deps: Deps,
): AsyncGenerator<OutputEvent, void, undefined> {
  const options = await serveOptions(wishes, deps);
  const { upstream, warnings } = await findUpstream(wishes, deps);
  for (const message of warnings) yield { type: 'warning', message };
  const queue = new Queue();
  const serving = await startServing(options, upstream, noteTo(queue, wishes.verbose), deps).catch(
    (error: unknown) => {
      throw cannotListen(error, options, deps);
    },
  );
  const ended = untilStopped(deps.signal).then(() => queue.end());
  try {
    yield* announce(wishes, options, serving, upstream.settings.gateway.id, deps);
    yield* queue.events();
    await ended;
    yield { type: 'status', message: 'no new calls; waiting for the running ones' };
  } finally {
    await serving.stop(GRACE_MS);
  }
  yield { type: 'status', message: totalLine(serving.spent()) };
  const { reason } = deps.signal;
  if (reason instanceof SignalReceived) yield { type: 'exit', code: exitCodes[reason.exit].code };
  else throw reason;
}

/** Warnings always, and the lines of requests where they are wanted; the rest of what calls say is for commands. */
export function noteTo(queue: Queue, isVerbose: boolean): (event: OutputEvent) => void {
  return (event) => {
    if (event.type === 'warning' || (isVerbose && event.type === 'trace')) queue.push(event);
  };
}

/** `[usage] calls=12 cost=$0.0012`, and `refused=1` where a limit has refused one. */
export function totalLine({ amount, calls, unknown, refused }: Spent): string {
  const known = `$${amount}`;
  const cost =
    unknown === 0
      ? known
      : calls === unknown
        ? 'unknown'
        : `at least ${known} (${unknown} of unknown cost)`;
  return `[usage] calls=${calls} cost=${cost}${refused === 0 ? '' : ` refused=${refused}`}`;
}

async function* announce(
  { json }: ServeWishes,
  { token }: ServeOptions,
  serving: Serving,
  gateway: string,
  deps: Deps,
): AsyncGenerator<OutputEvent, void, undefined> {
  const { url, port } = serving;
  if (json) {
    const document: ServeDocument = {
      schema: 'alltoken.serve.v1',
      ok: true,
      exit: EXIT_OK,
      command: 'serve',
      url,
      base_url: `${url}/v1`,
      port,
      token,
      pid: deps.processId,
      gateway,
    };
    yield { type: 'output', content: { text: '' }, document };
    return;
  }
  yield { type: 'status', message: `${url} serves ${gateway}. Stop it with Ctrl-C` };
  for (const [name, value] of Object.entries(variablesFor(url, token, gateway)))
    yield { type: 'status', message: exportLine(deps.platform, name, value), to_type: true };
}

function untilStopped(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

/** Below it, a port needs more rights on many systems, and no sandbox is to blame. */
const FREE_PORTS = 1024;

/** Why it cannot listen; anything else as it is. */
export function cannotListen(
  error: unknown,
  { host, port }: Pick<ServeOptions, 'host' | 'port'>,
  deps: Deps,
): unknown {
  if (error instanceof CliError) return errorWithoutKey(error, null);
  const code = systemErrorCode(error);
  if (code === undefined) return error;
  const isOpen = port === 0 || port >= FREE_PORTS;
  const forbidden = isOpen && code !== 'EADDRNOTAVAIL' ? mayNotListen(error, deps) : null;
  if (forbidden !== null) return forbidden;
  const words: Readonly<Record<string, string>> = {
    EADDRINUSE: 'the port is in use',
    EACCES: 'this port needs more rights',
    EADDRNOTAVAIL: 'this machine has no such address',
    ENOTFOUND: 'the name of the host is not known',
  };
  return new CliError('local_io', `cannot listen on ${host}:${port}: ${words[code] ?? code}`, {
    code,
    billed: 'no',
    ...(code === 'EADDRINUSE' && { next: runStep(['serve', '--port', '0']) }),
    cause: error,
  });
}
