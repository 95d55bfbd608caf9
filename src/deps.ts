/** What the outside world gives us. Types only: `main.ts` makes the real one, a test makes its own. */

/** A stream we print on. `write` resolves when the bytes were taken, and rejects with the system's error (EPIPE, ENOSPC …). */
export interface Output {
  readonly isTerminal: boolean;
  /** Width in columns; undefined where nobody knows. */
  readonly columns: number | undefined;
  write(text: string): Promise<void>;
  /** The stream itself, for a library that draws on a terminal; absent when it is none. */
  readonly terminal?: NodeJS.WriteStream;
}

export interface Input {
  readonly isTerminal: boolean;
  /** The raw bytes, as they come; ends at end of file. Leaving the loop early releases the stream. */
  chunks(): AsyncIterable<Uint8Array>;
}

/** The few file operations we need; paths are absolute. Errors are Node's own (`code` ENOENT, EACCES, ENOSPC …). */
export interface Files {
  /** Whole file as bytes; refuses with EFBIG above `maxBytes`. A pipe is waited for until `signal` stops it. */
  read(path: string, maxBytes: number, signal?: AbortSignal): Promise<Uint8Array>;
  /** Size in bytes, time of change in ms since 1970 and POSIX mode; null when nothing is there. */
  status(
    path: string,
  ): Promise<{ bytes: number; changedAt: number; mode: number; isDirectory: boolean } | null>;
  /** Names in a directory; empty when there is none. */
  list(path: string): Promise<string[]>;
  /** Creates a directory and its parents, 0700. */
  makeDirectory(path: string): Promise<void>;
  /** Appends one line with one write(), on a line of its own even after a torn one; creates the file 0600. */
  appendLine(path: string, line: string): Promise<void>;
  /** Replaces the file in one step (temporary file beside it, then rename), 0600. */
  replace(path: string, text: string): Promise<void>;
}

export interface Clock {
  /** Milliseconds since 1970, UTC. */
  now(): number;
  /** Milliseconds from an arbitrary start; never goes back. */
  monotonic(): number;
  /** Resolves after `milliseconds`, or rejects with the signal's reason. */
  sleep(milliseconds: number, signal: AbortSignal): Promise<void>;
}

/** Like the global fetch, with a string URL. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

export interface NetworkOptions {
  /** Time for DNS, TCP and TLS together, in milliseconds. */
  connectTimeoutMs: number;
}

export interface CommandResult {
  exitCode: number | null;
  stdout: string;
  stderr: string;
}

export interface Deps {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly platform: string;
  readonly homeDirectory: string;
  /** Only to resolve paths that a flag names. */
  readonly workingDirectory: string;
  readonly version: string;
  readonly processId: number;
  readonly stdin: Input;
  readonly stdout: Output;
  readonly stderr: Output;
  readonly files: Files;
  readonly clock: Clock;
  /** Uniform in [0, 1). */
  random(): number;
  uuid(): string;
  /** Opens the network with these limits; proxies come from `env`. */
  openNetwork(options: NetworkOptions): Promise<Fetch>;
  /** Runs a program without a terminal and collects what it prints; an array is run as it is, a string by the system's shell. */
  runCommand(command: string | readonly string[], timeoutMs: number): Promise<CommandResult>;
  /** Aborted, with a `SignalReceived` as reason, when the user or the system asks us to stop. */
  readonly signal: AbortSignal;
}
