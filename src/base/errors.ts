/** Every way to fail, as data: the one table of exit codes and the one error type. Nothing else in the code knows an exit number. */

interface ExitCode {
  readonly code: number;
  readonly when: string;
}

const table = {
  ok: { code: 0, when: 'complete, and every file is safely on disk' },
  internal: { code: 1, when: 'a bug in alltoken' },
  usage: {
    code: 2,
    when: 'bad flag or value, no prompt, or not supported by this gateway; nothing was sent',
  },
  no_key: { code: 20, when: 'no key, malformed key, or bad or refused config; nothing was sent' },
  auth: { code: 21, when: 'the gateway refused the key (401)' },
  balance: { code: 22, when: 'the balance is used up (402)' },
  forbidden: { code: 23, when: 'the key may not do this (403)' },
  not_found: { code: 24, when: 'no such model, task or route (404)' },
  rejected: {
    code: 25,
    when: 'the gateway rejected the request (400, 413, 415, 422 and other 4xx)',
  },
  refused: { code: 26, when: 'refused by content policy' },
  budget: { code: 27, when: 'a spending limit of yours would be exceeded; nothing was sent' },
  rate_limited: { code: 30, when: 'too many requests (429), after retries' },
  upstream: { code: 31, when: 'the gateway itself answered that it failed (5xx)' },
  network: { code: 32, when: 'DNS, connection, TLS or proxy: the request never arrived' },
  timeout: { code: 33, when: 'no connection in time, or a free request took too long' },
  partial: { code: 40, when: 'output began and then broke off, or nothing says that it is whole' },
  protocol: {
    code: 41,
    when: 'the reply is not what the gateway promises, and nothing usable came',
  },
  already_retrieved: { code: 42, when: 'the result was fetched before and is gone (410)' },
  expired: { code: 43, when: 'the result has expired (410)' },
  task_failed: { code: 44, when: 'the task ended failed, cancelled or expired on the server' },
  still_running: { code: 45, when: 'the wait ended before the task did; resume it' },
  outcome_unknown: {
    code: 46,
    when: 'a paid request was sent, and no reply says what became of it',
  },
  local_io: { code: 50, when: 'disk full, no permission, output exists, or stdout failed' },
  sighup: { code: 129, when: 'stopped by SIGHUP (the terminal was closed)' },
  sigint: { code: 130, when: 'stopped by SIGINT (Ctrl-C)' },
  sigpipe: { code: 141, when: 'the reader of stdout went away' },
  sigterm: { code: 143, when: 'stopped by SIGTERM' },
} as const satisfies Record<string, ExitCode>;

export type ExitName = keyof typeof table;
export const exitCodes: Readonly<Record<ExitName, ExitCode>> = table;

/** The code of success, as documents and ledger lines have it. */
export const EXIT_OK = table.ok.code;

/** yes: charged for sure; no: certainly not; unknown: look before running it again. */
export type Billed = 'yes' | 'no' | 'unknown';

/** Who must act, by the tens digit of the code: the sentence above each group in the help. */
export const exitGroups = [
  { from: 0, to: 2, title: 'done, or this program' },
  { from: 20, to: 29, title: 'you: change something; nothing was bought' },
  { from: 30, to: 39, title: 'them: run the same again later; nothing was bought' },
  { from: 40, to: 49, title: 'look first: something may have been bought; resume or inspect' },
  { from: 50, to: 59, title: 'this machine' },
  { from: 129, to: 143, title: 'signals' },
] as const;

export interface ErrorDetails {
  /** The gateway's slug, or ours. */
  code?: string | undefined;
  type?: string | undefined;
  /** HTTP status, when there was one. */
  status?: number | undefined;
  requestId?: string | undefined;
  taskId?: string | undefined;
  billed?: Billed | undefined;
  /** The exact next command, or what to change. */
  hint?: string | undefined;
  /** What the server asked us to wait, in milliseconds. */
  retryAfterMs?: number | undefined;
  cause?: unknown;
}

/** An expected failure: one line for the person, a code for the script. `message` is one line without a final period. */
export class CliError extends Error {
  readonly exit: ExitName;
  readonly details: ErrorDetails;

  constructor(exit: ExitName, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'CliError';
    this.exit = exit;
    this.details = details;
  }

  get exitCode(): number {
    return exitCodes[this.exit].code;
  }

  /** A signal stopped us. */
  get isStop(): boolean {
    return this.exitCode > 128;
  }

  /** Running the very same command again later can help, and buys nothing twice. */
  get retryable(): boolean {
    return this.exitCode >= 30 && this.exitCode < 40;
  }

  /** Its code alone says that nothing was bought, so that the command may be run again, changed (2x) or as it is (3x). */
  get mayRunAgain(): boolean {
    return this.exitCode >= 20 && this.exitCode < 40;
  }

  get billed(): Billed {
    if (this.details.billed) return this.details.billed;
    return this.exit === 'usage' || this.mayRunAgain ? 'no' : 'unknown';
  }

  /** The same failure with more said about it; what is already said stays. */
  with(more: ErrorDetails): CliError {
    const known = Object.entries(this.details).filter(([, value]) => value !== undefined);
    return new CliError(this.exit, this.message, { ...more, ...Object.fromEntries(known) });
  }
}

/** The reason of `deps.signal` when a signal asked us to stop. */
export class SignalReceived extends Error {
  readonly signalName: 'SIGHUP' | 'SIGINT' | 'SIGTERM';

  constructor(signalName: 'SIGHUP' | 'SIGINT' | 'SIGTERM') {
    super(`stopped by ${signalName}`);
    this.name = 'SignalReceived';
    this.signalName = signalName;
  }

  get exit(): ExitName {
    return ({ SIGHUP: 'sighup', SIGINT: 'sigint', SIGTERM: 'sigterm' } as const)[this.signalName];
  }
}

/** The system's error code (ENOSPC, ECONNREFUSED …) anywhere in the chain of causes; undefined when there is none. */
export function systemErrorCode(error: unknown): string | undefined {
  for (let at = error, depth = 0; at !== null && typeof at === 'object' && depth < 8; depth += 1) {
    const { code, cause } = at as { code?: unknown; cause?: unknown };
    if (typeof code === 'string') return code;
    at = cause;
  }
  return undefined;
}
