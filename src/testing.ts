/** `alltoken-cli/testing`: gateways that are played on this machine, for tests without a key. It needs no network but loopback. */
import { asObject, objectsIn } from './base/json.ts';
import { clock } from './edge/clock.ts';
import type { FaultName } from './sandbox/fault-table.ts';
import type { Step } from './sandbox/script-types.ts';

export type { FaultName } from './sandbox/fault-table.ts';
export type * from './sandbox/script-types.ts';

/** The JSON body of a request, as it was sent: nothing in it is checked. */
export interface RequestBody {
  /** The objects of its list of messages; absent where it has no such list. */
  messages?: readonly Readonly<Record<string, unknown>>[];
  readonly [field: string]: unknown;
}

/** A gateway on this machine. It runs, and keeps the process alive, until it is closed. */
export interface TestGateway {
  /** http://127.0.0.1:<port>/v1, for `createAgent({ gateway: 'sandbox', baseURL })` or any client of the OpenAI API. */
  readonly baseURL: string;
  /** What was sent to it so far, in the order of arrival: each POST with a JSON object, files apart. */
  readonly requests: readonly RequestBody[];
  /** Drops whatever is still open; resolves when the port is free. */
  close(): Promise<void>;
}

/** A fault of the sandbox: `rate-limit` hits every request, `rate-limit:2` the first two. */
export type Fault = FaultName | `${FaultName}:${number}`;

export interface SandboxOptions {
  /** As `alltoken sandbox --list-faults` has them. */
  faults?: readonly Fault[];
}

/**
 * Starts the sandbox on a free port: chat, images, videos and models, as `alltoken sandbox` does. Any key will do, also none.
 * Rejects with an error that has the `exitCode` 2 for a fault that does not exist, and with the error of the system where nothing may listen.
 */
export async function startSandbox({ faults = [] }: SandboxOptions = {}): Promise<TestGateway> {
  const { parseFault } = await import('./sandbox/start.ts');
  return open({ faults: faults.map(parseFault) });
}

/**
 * Starts a gateway whose model plays `steps`: each chat request gets the next one, whatever it says. One after the last
 * step is answered 400 with the code `script_over`. Everything but the chat is the sandbox. Rejects with a TypeError for
 * a step of no known kind, and with the error of the system where nothing may listen.
 */
export async function script(steps: readonly Step[]): Promise<TestGateway> {
  const { scripted } = await import('./sandbox/start.ts');
  return open({ faults: [], chat: scripted(steps) });
}

type Start = typeof import('./sandbox/start.ts')['startSandbox'];

async function open(options: Pick<Parameters<Start>[0], 'chat' | 'faults'>): Promise<TestGateway> {
  const { startSandbox: start } = await import('./sandbox/start.ts');
  const requests: RequestBody[] = [];
  const onBody = (body: Uint8Array): void => {
    const seen = readBody(body);
    if (seen !== null) requests.push(seen);
  };
  const { baseUrl, close } = await start({ ...options, port: 0, clock, onBody });
  return { baseURL: baseUrl, requests, close };
}

/** null for anything but a JSON object. */
function readBody(body: Uint8Array): RequestBody | null {
  try {
    const fields = asObject(JSON.parse(new TextDecoder().decode(body)));
    if (fields === null) return null;
    const { messages, ...others } = fields;
    return Array.isArray(messages) ? { ...others, messages: objectsIn(messages) } : others;
  } catch {
    return null;
  }
}
