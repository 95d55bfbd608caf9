/** What the outside world gives us. Types only: `main.ts` makes the real one, a test makes its own. */
import type { PlatformPath } from 'node:path';

/** A stream we print on. `write` resolves when the bytes were taken, and rejects with the system's error (EPIPE, ENOSPC …). */
export interface Output {
  readonly isTerminal: boolean;
  /** Width in columns; undefined where unknown. */
  readonly columns: number | undefined;
  write(data: string | Uint8Array): Promise<void>;
  /** The stream itself, for a library that draws on a terminal; absent when it is none. */
  readonly terminal?: NodeJS.WriteStream;
}

export interface Input {
  readonly isTerminal: boolean;
  /** The raw bytes, as they come; ends at end of file. Leaving the loop early releases the stream. */
  chunks(): AsyncIterable<Uint8Array>;
  /** Raw: each key comes at once, as it is, and the terminal shows none of them; Ctrl-C is a key, too. Absent where it is no terminal. */
  setRaw?(on: boolean): void;
  /** Takes the terminal over, for a conversation; absent when the input is none. One at a time, instead of `chunks`. */
  readonly takeTerminal?: (use: TerminalUse) => TakenTerminal;
}

/** How a terminal is used, and what is told of it. No function may throw. */
export interface TerminalUse {
  /** Each key as it is pressed, without an echo; else lines, which the system edits. */
  raw: boolean;
  /** Written when the terminal is taken and when it is given back, however the process ends. */
  modes: { on: string; off: string };
  onBytes(bytes: Uint8Array): void;
  /** There will be no more input. */
  onEnd(): void;
  onResize(): void;
  /** The process goes on after it was suspended; the modes are set again. */
  onResume(): void;
  /** SIGINT was sent: by Ctrl-C where the terminal is not raw. It ends nothing by itself. */
  onInterrupt(): void;
}

/** A terminal in use. After `giveBack` nothing more is told. */
export interface TakenTerminal {
  /** Of the window, in characters; 80 and 24 where they are not known. */
  readonly columns: number;
  readonly rows: number;
  /** Stops the process group, as Ctrl-Z does; does nothing where a system has no such thing. */
  suspend(): void;
  /**
   * Runs an editor in the foreground: `command` as a shell reads it, with `file` as its last word. Resolves to its exit
   * code; null when it could not be started or was killed. Nothing is told meanwhile.
   */
  edit(command: string, file: string): Promise<number | null>;
  /** A second call does nothing. */
  giveBack(): void;
}

/** A file that is being written, from front to back. The caller that opened it closes it. */
export interface FileWriter {
  /**
   * Resolves when the bytes are taken; they are on their way to the disk while the caller fetches more. What goes wrong on that way is thrown by the next call, `sync` at the latest.
   */
  write(bytes: Uint8Array): Promise<void>;
  /** Resolves when all that was written survives a power cut. */
  sync(): Promise<void>;
  /** A second call does nothing. */
  close(): Promise<void>;
}

/** A file that is read in pieces, anywhere. The caller that opened it closes it. */
export interface FileReader {
  /** In bytes, when it was opened. */
  readonly size: number;
  /** Fewer bytes than requested only at the end of the file. The array is used again by the next call. */
  read(offset: number, length: number): Uint8Array;
  close(): Promise<void>;
}

/** The few file operations we need; paths are absolute. Errors are Node's own (`code` ENOENT, EACCES, ENOSPC …). */
export interface Files {
  /** Whole file as bytes; refuses with EFBIG above `maxBytes`. A pipe or device is read until `signal` stops it; without a signal it is refused with EFTYPE. */
  read(path: string, maxBytes: number, signal?: AbortSignal): Promise<Uint8Array>;
  /** Size in bytes, time of change in ms since 1970 and POSIX mode; null when nothing is there. */
  status(path: string): Promise<{
    bytes: number;
    changedAt: number;
    mode: number;
    isDirectory: boolean;
    /** false: a directory, a pipe, a device or a socket. */
    isFile: boolean;
  } | null>;
  /** Names in a directory; empty when there is none. Rejects where one cannot be read. */
  list(path: string): Promise<string[]>;
  /** Creates a directory and its parents; their names survive a power cut. `mode`: of those that are new, before the umask; 0700 unless said. */
  makeDirectory(path: string, mode?: number): Promise<void>;
  /**
   * Appends one line with one write(), on a line of its own even after a torn one; creates the file 0600. EFTYPE where it is a pipe or a device.
   * 'often': many lines come, and the file may stay open for them; a line goes into the file that has this name at that moment all the same.
   */
  appendLine(path: string, line: string, how?: 'often'): Promise<void>;
  /**
   * Replaces the file in one step (temporary file beside it, then rename), 0600; durable when it resolves, unless `durable` is false: then a power cut may undo it.
   * `shared`: a file of other programs keeps its mode, a new one gets the usual one, and one that nobody may write is EACCES. A link stays one, and what it names is replaced.
   */
  replace(path: string, text: string, how?: { durable?: boolean; shared?: boolean }): Promise<void>;
  /**
   * Opens a file to write: 'new' fails with EEXIST when the name is taken, even by a dangling link; 'empty' makes or
   * empties it; a number keeps that many bytes and goes on behind them. `mode` is for a new file, before the umask.
   */
  openToWrite(path: string, how: 'new' | 'empty' | number, mode: number): Promise<FileWriter>;
  /** EFTYPE where it is a pipe or a device. */
  openToRead(path: string): Promise<FileReader>;
  /** Gives a file a second name; EEXIST when that is taken, EPERM and others where hard links do not exist. */
  link(path: string, name: string): Promise<void>;
  /** Renames, over whatever has the new name. */
  rename(path: string, name: string): Promise<void>;
  /** No error when it is not there. */
  remove(path: string): Promise<void>;
  /** Removes a directory that this process made, with all that is in it. No error when it is not there. */
  removeTree(path: string): Promise<void>;
  /** The path without links on its way, absolute. */
  realPath(path: string): Promise<string>;
  /** Whether anything has this name, be it a link to nowhere. */
  isTaken(path: string): Promise<boolean>;
  /** Makes names in a directory survive a power cut; does nothing on systems that cannot. */
  syncDirectory(path: string): Promise<void>;
  /** Room for this user on the disk of a directory, in bytes; null where the system does not say. */
  freeBytes(path: string): Promise<number | null>;
}

export interface Clock {
  /** Milliseconds since 1970, UTC. */
  now(): number;
  /** Milliseconds from an arbitrary start; never goes back. */
  monotonic(): number;
  /**
   * Milliseconds since this machine was started, those that it slept included; setting the wall clock does not change it.
   * The same for all of its processes. null where the system does not say.
   */
  sinceBoot(): number | null;
  /** Resolves after `milliseconds`, or rejects with the signal's reason. 0 is one turn of the event loop. */
  sleep(milliseconds: number, signal: AbortSignal): Promise<void>;
  /**
   * Runs `work` once, after `milliseconds`, unless the function that it returns is called first. No wait is too long,
   * though a timer of the system counts in 31 bits. It keeps the process alive, but for 'background'.
   */
  after(milliseconds: number, work: () => void, kind?: 'background'): () => void;
}

/** What a request needs of an AbortSignal, which is one; a listener is called once at most. */
export interface StopSignal {
  readonly aborted: boolean;
  readonly reason: unknown;
  addEventListener(type: 'abort', listener: () => void, options: { once: true }): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

export interface SendRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array | undefined;
  /** Sending it may cost money: it goes over a connection that is new, or as good as new. */
  readonly paid: boolean;
  /** Ends the request and its body, whatever they are doing; both then reject with its reason. */
  readonly signal: StopSignal;
}

export interface ReplyHeaders {
  /** In any case; several of a name are joined by commas. */
  get(name: string): string | null;
}

/** The head of a reply, and its body as it arrives: unread bytes keep the server waiting. */
export interface SendReply {
  readonly status: number;
  readonly headers: ReplyHeaders;
  /** The next bytes; null at the end. One at a time. Rejects where the body broke off. */
  read(): Promise<Uint8Array | null>;
  /** The rest is not needed; the connection is closed. */
  discard(): void;
}

/** One request, sent once: redirects are not followed, nothing is repeated. Rejects with a `SendError` of `transport`, which says how far it came. */
export type Send = (request: SendRequest) => Promise<SendReply>;

export interface NetworkOptions {
  /** Time for DNS, TCP and TLS together, in milliseconds. */
  connectTimeoutMs: number;
  /**
   * Connects to public addresses only, `ERR_PRIVATE_ADDRESS` otherwise, whatever a name resolves to; `exceptHost` (a host
   * name as a URL has it) may have any. Through a proxy, the proxy resolves names and this says nothing.
   */
  publicOnly?: { exceptHost: string };
}

export interface CommandResult {
  exitCode: number | null;
  stdout: string;
  stderr: string;
}

/** How a program in the foreground has ended. */
export type ProgramEnd =
  /** `code`: the system's, ENOENT or EACCES. */
  | { kind: 'not_started'; code: string }
  /** `code` null: a signal ended it, by its number. */
  | { kind: 'ended'; code: number | null; signal: number | null };

export interface Deps {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly platform: string;
  /** Paths as this platform writes them: node:path's `posix` or `win32`. */
  readonly path: PlatformPath;
  readonly homeDirectory: string;
  /** Only to resolve paths that a flag names. */
  readonly workingDirectory: string;
  readonly version: string;
  /** Absolute path of the skills that came with this version: one folder each. */
  readonly skillsDirectory: string;
  /** Absolute path of the templates of `alltoken init` that came with this version. */
  readonly templatesDirectory: string;
  /** Of Node, without the v. */
  readonly nodeVersion: string;
  readonly processId: number;
  /** What distinguishes a running process from earlier ones with the same id; null when none runs under it. */
  processMark(processId: number): string | null;
  /** Where process numbers mean what they mean here: host, start of the machine and container, as three words of letters and digits with _ between; '' when that is not known. */
  processSpace(): string;
  /** Of this machine now, of all its networks, without brackets. */
  addresses(): readonly string[];
  readonly stdin: Input;
  readonly stdout: Output;
  readonly stderr: Output;
  readonly files: Files;
  readonly clock: Clock;
  /** Keeps the heap for new objects small. Worth the milliseconds that changed V8 flags cost before work on hundreds of megabytes. */
  keepMemoryFlat(): void;
  /** Gives back what young buffers take. Worth its fraction of a millisecond after some megabytes of a long transfer. */
  freeBuffers(): void;
  /** Uniform in [0, 1). */
  random(): number;
  uuid(): string;
  /** Keys that are in use: whatever is shown has none of them. The last few; who finds one adds it. */
  readonly secrets: Set<string>;
  /** Opens the network with these limits; proxies come from `env`. */
  openNetwork(options: NetworkOptions): Promise<Send>;
  /** Runs a program without a terminal and collects what it prints; an array is run as it is, a string by the system's shell. */
  runCommand(command: string | readonly string[], timeoutMs: number): Promise<CommandResult>;
  /**
   * Runs a program on our own streams to its end, with these variables changed; undefined takes one out. While it runs,
   * signals are its own, and `signal` is not aborted by them.
   */
  runProgram(
    command: readonly string[],
    variables: Readonly<Record<string, string | undefined>>,
  ): Promise<ProgramEnd>;
  /**
   * Loads a module of the user into this process, by its absolute path, with these variables changed for all of the process;
   * undefined takes one out. Rejects with whatever it throws.
   */
  loadModule(
    file: string,
    variables: Readonly<Record<string, string | undefined>>,
  ): Promise<unknown>;
  /** Aborted, with a `SignalReceived` as reason, when the user or the system stops us. */
  readonly signal: AbortSignal;
}
