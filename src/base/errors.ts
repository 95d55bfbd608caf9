/** Every way to fail, as data: the one table of exit codes and the one error type. Nothing else in the code knows an exit number. */

import type { CapCheck } from '../schemas/common.ts';
import type { NextSteps } from './next-step.ts';

interface ExitCode {
  readonly code: number;
  readonly when: string;
}

const table = {
  ok: { code: 0, when: 'complete; every file is saved' },
  internal: { code: 1, when: 'a bug in alltoken' },
  usage: {
    code: 2,
    when: 'a wrong flag or value, no prompt, or not supported by this gateway; nothing was sent',
  },
  no_key: {
    code: 20,
    when: 'no key, a malformed key, or a bad or refused config; nothing was sent',
  },
  auth: { code: 21, when: 'the gateway rejected the key (401)' },
  balance: { code: 22, when: 'the balance is used up (402, or a code that says so)' },
  forbidden: { code: 23, when: 'the key has no permission for this (403)' },
  not_found: { code: 24, when: 'no such model, task or route (404)' },
  rejected: {
    code: 25,
    when: 'the gateway rejected the request (400, 413, 415, 422 and other 4xx)',
  },
  refused: { code: 26, when: 'refused by a content policy' },
  budget: { code: 27, when: 'the call does not fit one of your spending limits; nothing was sent' },
  rate_limited: {
    code: 30,
    when: 'too many requests (429), after retries; or only running calls are in the way of a budget',
  },
  upstream: { code: 31, when: 'the gateway itself reported a failure (5xx)' },
  network: { code: 32, when: 'DNS, connection, TLS or proxy: the request never arrived' },
  timeout: { code: 33, when: 'connection time-out, or a free request timed out' },
  partial: { code: 40, when: 'output began and broke off, or its end is not confirmed' },
  protocol: {
    code: 41,
    when: 'the response is not in the documented format, and nothing in it is usable',
  },
  already_retrieved: { code: 42, when: 'the result was downloaded before and is gone (410)' },
  expired: { code: 43, when: 'the result has expired (410)' },
  task_failed: { code: 44, when: 'the task failed, was cancelled or expired on the server' },
  still_running: { code: 45, when: 'the wait ended before the task did; resume it' },
  outcome_unknown: {
    code: 46,
    when: 'a paid request was sent and no response says what happened; also 408 and 499',
  },
  local_io: { code: 50, when: 'disk full, no permission, the output exists, or stdout failed' },
  sighup: { code: 129, when: 'stopped by SIGHUP (the terminal was closed)' },
  sigint: { code: 130, when: 'stopped by SIGINT (Ctrl-C)' },
  sigpipe: { code: 141, when: 'the reader of stdout closed it' },
  sigterm: { code: 143, when: 'stopped by SIGTERM' },
} as const satisfies Record<string, ExitCode>;

export type ExitName = keyof typeof table;
export const exitCodes: Readonly<Record<ExitName, ExitCode>> = table;

/** The code of success, as documents and ledger lines have it. */
export const EXIT_OK = table.ok.code;

/** Codes of a shell for a program that could not be started, and where its signals begin. */
export const shellCodes = { notExecutable: 126, notFound: 127, signals: 128 } as const;

/** yes: charged for sure; no: certainly not; unknown: look before running it again. */
export type Billed = 'yes' | 'no' | 'unknown';

/** Who has to fix it, by the tens digit of the code: the heading of each group in the help. */
export const exitGroups = [
  { from: 0, to: 2, title: 'done, or this program' },
  { from: 20, to: 29, title: 'you: change something; nothing was bought' },
  {
    from: 30,
    to: 39,
    title: 'gateway or network: run the same command again later; nothing was bought',
  },
  {
    from: 40,
    to: 49,
    title: 'look first: something may have been bought; resume or inspect',
  },
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
  /** The field of the request that the server does not accept, by its path. */
  refusedField?: string | undefined;
  /** The field whose value it does not accept, by its path. */
  badField?: string | undefined;
  /** What to do now; several are alternatives, the best first. */
  next?: NextSteps | undefined;
  /** What cannot be written is among our own state: jobs, ledger, budget. */
  inState?: boolean | undefined;
  /** The limit on spending that is in the way. */
  cap?: CapCheck | undefined;
  /** The wait that the server requested, in milliseconds. */
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

  /** The same failure with more details; details that it has already stay. */
  with(more: ErrorDetails): CliError {
    const known = Object.entries(this.details).filter(([, value]) => value !== undefined);
    return new CliError(this.exit, this.message, { ...more, ...Object.fromEntries(known) });
  }

  /** The same failure with these facts in place of its own, and in other words. */
  changed(more: ErrorDetails, message: string = this.message): CliError {
    return new CliError(this.exit, message, { ...this.details, ...more });
  }
}

/** The reason of `deps.signal` when a signal stopped us. */
export class SignalReceived extends Error {
  readonly signalName: 'SIGHUP' | 'SIGINT' | 'SIGTERM';

  /** `words`: the reason, where no signal was sent and it only ends the same way. */
  constructor(
    signalName: 'SIGHUP' | 'SIGINT' | 'SIGTERM',
    words: string = `stopped by ${signalName}`,
  ) {
    super(words);
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
