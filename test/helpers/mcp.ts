/** A host: the official client, speaking to `alltoken mcp` of a world in memory over streams of bytes. */
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type CallToolResult, Client, type ClientOptions } from '@modelcontextprotocol/client';
import { onTestFinished } from 'vitest';
import { innerDeps } from '../../src/base/inner-deps.ts';
import { run } from '../../src/cli/program.ts';
import { type AskOptions, type Reply, worldAt } from './ask.ts';
import { type FakeOptions, type FakeWorld, fakeDeps } from './fake-deps.ts';
import { startServer, type TestServer } from './server.ts';

export interface Host {
  client: Client;
  world: FakeWorld;
  /** Every line that the server wrote, as it wrote it. */
  lines: string[];
  /** Closes the server's standard input. */
  hangUp(): void;
  /** The exit code, once the server has ended. */
  ended: Promise<number>;
}

export interface HostOptions extends FakeOptions {
  world?: FakeWorld;
  client?: ClientOptions;
  stdinIsTerminal?: boolean;
  /** Sent before anything else. */
  noise?: readonly string[];
}

/** Seconds by the clock of a server in one of ours: most of what it waits for are pauses. */
const SPEED = 4;

/** Starts `alltoken mcp` with these flags, and connects. */
export async function openHost(flags: readonly string[], options: HostOptions = {}): Promise<Host> {
  const world = options.world ?? fakeDeps(options);
  const wire = makeWire(options.noise ?? []);
  const startedAt = performance.now();
  const deps = innerDeps(world.deps, {
    stdin: { isTerminal: options.stdinIsTerminal ?? false, chunks: wire.chunks },
    stdout: { isTerminal: false, columns: undefined, write: wire.write },
    // A server lives in real time: what it waits for is on its way while it waits.
    clock: {
      ...world.deps.clock,
      now: () => world.deps.clock.now() + (performance.now() - startedAt) * SPEED,
      sleep: (ms, signal) =>
        wait(ms / SPEED, undefined, { signal }).catch(() => {
          throw signal.reason;
        }),
    },
  });
  const ended = run(['mcp', ...flags], deps);
  const client = new Client({ name: 'a-test', version: '1' }, options.client);
  onTestFinished(async () => {
    wire.hangUp();
    await ended;
  });
  await client.connect(wire.transport);
  return { client, world, lines: wire.lines, hangUp: wire.hangUp, ended };
}

/** The same in a world whose gateway is a server that answers with `reply`. */
export async function openHostAt(
  reply: Reply,
  flags: readonly string[] = [],
  options: AskOptions = {},
): Promise<Host & { server: TestServer }> {
  const server = await startServer(reply);
  return { ...(await openHost(flags, { world: worldAt(server, options) })), server };
}

type Transport = Parameters<Client['connect']>[0];

/** Two pipes, of lines. */
function makeWire(noise: readonly string[]) {
  const sent = noise.map((text) => Buffer.from(text));
  const lines: string[] = [];
  let open = true;
  let wake = (): void => {};
  let half = '';
  const hangUp = (): void => {
    open = false;
    wake();
  };
  const transport: Transport = {
    start: async () => {},
    send: async (message) => {
      sent.push(Buffer.from(`${JSON.stringify(message)}\n`));
      wake();
    },
    close: async () => {
      hangUp();
      transport.onclose?.();
    },
  };
  return {
    transport,
    lines,
    hangUp,
    async *chunks(): AsyncGenerator<Uint8Array, void, undefined> {
      while (open || sent.length > 0) {
        const next = sent.shift();
        if (next !== undefined) yield next;
        else
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
      }
    },
    async write(data: string | Uint8Array): Promise<void> {
      const parts = (half + Buffer.from(data).toString()).split('\n');
      half = parts.pop() ?? '';
      for (const line of parts) {
        lines.push(line);
        transport.onmessage?.(JSON.parse(line));
      }
    },
  };
}

/** The texts of a result, in their order. */
export function textsOf({ content }: CallToolResult): string[] {
  return content.flatMap((block) => (block.type === 'text' ? [block.text] : []));
}

/** What the tool returned as data. */
export function dataOf({ structuredContent }: CallToolResult): Record<string, unknown> {
  return structuredContent as Record<string, unknown>;
}

/** One call, and what came of it. */
export async function call(
  { client }: Host,
  name: string,
  input: Record<string, unknown> = {},
): Promise<CallToolResult> {
  return (await client.callTool({ name, arguments: input })) as CallToolResult;
}

/** What one part of a result says and the other does not: hosts show a model the text, or the data. [] where both are complete. */
export function missingParts(result: CallToolResult): string[] {
  const { advice, trust_note: note, ...data } = dataOf(result);
  const texts = textsOf(result);
  const json = texts.findIndex((text) => text.startsWith('{'));
  const before = texts.slice(0, json).join('\n');
  const after = texts.slice(json + 1).join('\n');
  const shown = JSON.parse(texts[json] ?? '{}') as Record<string, unknown>;
  const fields = [...new Set([...Object.keys(data), ...Object.keys(shown)])].filter(
    (name) => JSON.stringify(data[name]) !== JSON.stringify(shown[name]),
  );
  const all = JSON.stringify(result.structuredContent);
  const paths = result.content.flatMap((block) =>
    block.type === 'resource_link' ? [fileURLToPath(block.uri)] : [],
  );
  const unnamed = paths.filter((path) => !all.includes(JSON.stringify(path)));
  const pictures = result.content.filter(({ type }) => type === 'image').length;
  return [
    ...(before === (advice ?? '') ? [] : ['advice']),
    ...(after === (note ?? '') ? [] : ['trust_note']),
    ...fields,
    ...unnamed,
    ...(pictures > paths.length ? ['the path of an image'] : []),
  ];
}
