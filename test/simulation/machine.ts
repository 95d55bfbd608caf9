/** One machine: its processes, its clock and its power. It makes the `Deps` of each process and runs the program on them. */
import { posix } from 'node:path';
import type { Deps, Send, SendRequest } from '../../src/base/deps.ts';
import { SignalReceived } from '../../src/base/errors.ts';
import { run } from '../../src/cli/program.ts';
import { isAgent, runAgent } from './agents.ts';
import { coded } from './disk.ts';
import { prints } from './disk-faults.ts';
import { ALLTOKEN, KEY } from './gateway-alltoken.ts';
import { TOKENHUB, TOKENHUB_KEY } from './gateway-tokenhub.ts';
import { type Internet, networkFor } from './network.ts';
import { Process, type Surroundings } from './process.ts';
import { filesFor, HOME, OUT } from './process-files.ts';
import type { PipedInput } from './program.ts';
import { Random } from './random.ts';
import { SERVE_TOKEN } from './serve-clients.ts';

const env = {
  ALLTOKEN_HOME: HOME,
  ALLTOKEN_API_KEY: KEY,
  TOKENHUB_API_KEY: TOKENHUB_KEY,
  ALLTOKEN_SERVE_TOKEN: SERVE_TOKEN,
};

/** Where each key may be sent. */
const origins: readonly (readonly [key: string, origin: string])[] = [
  [KEY, ALLTOKEN],
  [TOKENHUB_KEY, TOKENHUB],
];
export const secrets = origins.map(([key]) => key);

export interface MachineParts {
  world: Surroundings;
  internet: Internet;
  /** The way to a proxy on this machine. */
  inside(process: Process): Send;
  seed: number;
  /** Wall clock, ms since 1970. */
  wall(): number;
  breaks(law: string, what: string): void;
  began(process: Process): void;
  /** A process has ended, in whatever way. */
  ended(process: Process): void;
}

export class Machine {
  readonly processes: Process[] = [];
  readonly #parts: MachineParts;
  /** How often it was started. */
  #starts = 1;
  isOn = true;
  /** ms of the world; it had run for an hour when that began. */
  #startedAt = -3_600_000;

  constructor(parts: MachineParts) {
    this.#parts = parts;
  }

  /** Resolves when the process has ended, in whatever way. */
  start(
    number: number,
    argv: readonly string[],
    input: PipedInput | null = null,
  ): Promise<Process> {
    const { world, seed } = this.#parts;
    const random = new Random(seed, `process ${number}`);
    const process = new Process(`p${number}`, number, argv, input, random, world);
    process.note(() => argv.join(' '));
    this.processes.push(process);
    if (!this.isOn) process.kill('no power');
    else
      process.later(random.pick([1, 1, 1, 20]), () => {
        this.#parts.began(process);
        const deps = this.#depsOf(process);
        (isAgent(process) ? runAgent(process, deps) : run(argv, deps)).then(
          (code) => process.end(code),
          (error: unknown) => {
            this.#parts.breaks('run never rejects', `${process.name}: ${error}`);
            process.end(1);
          },
        );
      });
    return process.ended.then(() => {
      this.#parts.ended(process);
      return process;
    });
  }

  /** Everything that runs dies, and what was not durable is lost. */
  loseAll(random: Random): void {
    this.isOn = false;
    this.#starts += 1;
    for (const process of this.processes) process.kill('no power');
    this.#parts.world.disk.powerCut(random);
  }

  turnOn(): void {
    this.isOn = true;
    this.#startedAt = this.#parts.world.time.now;
  }

  running(): Process[] {
    return this.processes.filter(({ state }) => state !== 'ended');
  }

  #depsOf(process: Process): Deps {
    const { world, internet, wall } = this.#parts;
    const { random } = process;
    const boot = `host1_boot${this.#starts}_c1`;
    const marks = new Map<number, Process>();
    const markOf = (pid: number): string | null => {
      const known = marks.get(pid) ?? this.processes.find((other) => other.pid === pid);
      if (known === undefined) return null;
      marks.set(pid, known);
      return known.mark;
    };
    const clock: Deps['clock'] = {
      now: () => Math.floor(wall()),
      monotonic: () => world.time.now + 1000,
      // As Linux says it, in hundredths of a second.
      sinceBoot: () => Math.floor((world.time.now - this.#startedAt) / 10) * 10,
      sleep: (milliseconds, signal) =>
        new Promise((resolve, reject) => {
          if (signal.aborted) return reject(signal.reason);
          const leave = (): void => {
            cancel();
            reject(signal.reason);
          };
          const cancel = process.later(milliseconds, () => {
            signal.removeEventListener('abort', leave);
            resolve();
          });
          signal.addEventListener('abort', leave, { once: true });
        }),
      after: (milliseconds, work) => process.later(milliseconds, work),
    };
    return {
      env,
      platform: 'linux',
      path: posix,
      homeDirectory: '/home/user',
      workingDirectory: OUT,
      version: '0.0.0',
      skillsDirectory: '/usr/lib/skills',
      templatesDirectory: '/usr/lib/templates',
      nodeVersion: '22.0.0',
      processId: process.pid,
      processMark: markOf,
      processSpace: () => boot,
      addresses: () => [],
      stdin: { isTerminal: process.input === null, chunks: () => piped(process) },
      stdout: this.#output(process, 'stdout'),
      stderr: this.#output(process, 'stderr'),
      files: filesFor(process, world, clock),
      clock,
      keepMemoryFlat() {},
      secrets: new Set(),
      freeBuffers() {},
      random: () => random.next(),
      uuid: () => uuidFrom(random),
      openNetwork: async (options) => {
        const check = (request: SendRequest, to: URL): void => this.#check(request, to, process);
        const outside = networkFor(process, world, internet, check, options);
        const inside = this.#parts.inside(process);
        return (request) =>
          (request.url.startsWith('http://127.0.0.1:') ? inside : outside)(request);
      },
      runProgram: async () => ({ kind: 'not_started', code: 'ENOENT' }),
      loadModule: async () => null,
      runCommand: async () => ({ exitCode: 127, stdout: '', stderr: 'no such program' }),
      signal: process.stop.signal,
    };
  }

  #output(process: Process, name: 'stdout' | 'stderr'): Deps['stdout'] {
    const { world } = this.#parts;
    const faults = name === 'stdout' ? prints : [];
    return {
      isTerminal: false,
      columns: undefined,
      write: (data) => {
        const fault = world.faultAt(`write ${name}`, faults, process);
        const text = typeof data === 'string' ? data : Buffer.from(data).toString();
        return process.step({
          place: `write ${name}`,
          what: () =>
            `${name} ${JSON.stringify(text.length > 200 ? `${text.slice(0, 200)}…` : text)}`,
          milliseconds: fault === 'slow' ? 5000 : 0.01,
          work() {
            if (fault !== null && fault !== 'slow') throw coded(fault, name);
            process[name] += text;
          },
        });
      },
    };
  }

  /** A key goes to its own gateway and nowhere else. */
  #check({ url, headers, body }: SendRequest, { origin }: URL, process: Process): void {
    const isIn = (text: unknown, key: string): boolean =>
      typeof text === 'string' && text.includes(key);
    for (const [key, home] of origins)
      if (origin !== home && [url, body, ...Object.values(headers)].some((one) => isIn(one, key)))
        this.#parts.breaks(
          'a key goes to its own gateway only',
          `${process.name} sent it to ${origin}`,
        );
  }
}

/** Its bytes, as they come through the pipe. */
async function* piped(process: Process): AsyncGenerator<Uint8Array> {
  if (process.input === null) return;
  for (const { after, text } of process.input.pieces) {
    const work = (): Uint8Array => Buffer.from(text);
    yield await process.step({
      what: () => 'read stdin',
      place: 'read stdin',
      milliseconds: after,
      work,
    });
  }
  // Whoever holds the other end never closes it.
  if (!process.input.ends) await new Promise(() => {});
}

export function signalTo(process: Process, name: 'SIGINT' | 'SIGTERM' | 'SIGHUP'): void {
  if (process.state === 'ended') return;
  if (process.stop.signal.aborted) {
    process.kill(`second ${name}`);
    return;
  }
  process.disturb(name);
  process.stop.abort(new SignalReceived(name));
}

function uuidFrom(random: Random): string {
  const hex = random.bytes(16).toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`;
}
