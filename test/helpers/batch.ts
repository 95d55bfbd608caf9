/** A batch against a server on loopback: its input, its runs, its output. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { OutputLine } from '../../src/schemas/batch.ts';
import { type FakeOptions, type FakeWorld, fakeDeps } from './fake-deps.ts';
import { goodStream, type Received, sendStream, startServer, type TestServer } from './server.ts';

export type Reply = Parameters<typeof startServer>[0];

export interface BatchWorld extends FakeWorld {
  server: TestServer;
  /** Requests for an answer, in order. */
  chats(): Received[];
  /** The last message of each, in order. */
  prompts(): string[];
  /** Writes the input. */
  input(...lines: (object | string)[]): void;
  /** `alltoken batch in.jsonl -o out.jsonl …` in a world of its own on the same home. */
  batch(...flags: string[]): Promise<Ran>;
  /** The lines of the output. */
  lines(name?: string): OutputLine[];
  /** By custom_id: the answer, or the code of its error. */
  results(name?: string): Record<string, string>;
}

interface Ran {
  code: number;
  out: string;
  err: string;
  world: FakeWorld;
}

export const key = 'sk-at-test-0123456789abcdef';

/** Answers with the prompt. */
export const echo: Reply = (response, { json }) => sendStream(response, goodStream(promptOf(json)));

export function promptOf(json: Record<string, unknown> | null): string {
  const messages = (json?.messages ?? []) as { content: string }[];
  return messages.at(-1)?.content ?? '';
}

/** A refusal in the gateway's envelope. */
export function refuse(
  response: Parameters<Reply>[0],
  status: number,
  code: string,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify({ error: { message: `it said ${code}`, code, type: 'error' } }));
}

export async function openBatch(
  reply: Reply = echo,
  options: FakeOptions = {},
  /** The public price list; absent: there is none. */
  prices?: object,
): Promise<BatchWorld> {
  let chats = 0;
  const server = await startServer((response, request) => {
    if (request.path === '/api-account/models' && prices !== undefined) {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify(prices));
      return;
    }
    if (request.path !== '/v1/chat/completions') return refuse(response, 404, 'not_found');
    chats += 1;
    return reply(response, request, chats);
  });
  const env = { ALLTOKEN_API_KEY: key, ALLTOKEN_BASE_URL: server.baseUrl };
  const world = fakeDeps({ ...options, env: { ...env, ...options.env } });
  const { home } = world;
  const lines = (name = 'out.jsonl'): OutputLine[] =>
    readFileSync(join(home, name), 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as OutputLine);
  const asked = () => server.requests.filter(({ path }) => path === '/v1/chat/completions');
  return {
    ...world,
    server,
    chats: asked,
    prompts: () => asked().map(({ json }) => promptOf(json)),
    input(...all) {
      const texts = all.map((one) => (typeof one === 'string' ? one : JSON.stringify(one)));
      writeFileSync(join(home, 'in.jsonl'), texts.map((text) => `${text}\n`).join(''));
    },
    async batch(...flags) {
      const run = fakeDeps({
        ...options,
        env: { ...env, ...options.env, ALLTOKEN_HOME: home },
      });
      // One disk, and so one process in its locks; no id comes twice.
      const { files, uuid } = world.deps;
      const deps = { ...run.deps, files, uuid, workingDirectory: home, homeDirectory: home };
      const { run: runLine } = await import('../../src/cli/program.ts');
      const words = flags.includes('-o') ? flags : ['-o', 'out.jsonl', ...flags];
      const named = flags.includes('-') ? [] : ['in.jsonl'];
      const code = await runLine(['batch', ...named, ...words], deps);
      return { code, out: run.out(), err: run.err(), world: run };
    },
    lines,
    results: (name) =>
      Object.fromEntries(
        lines(name).map(({ custom_id: id, response, error }) => {
          const body = response?.body as { choices?: { message: { content: string } }[] };
          return [id, error?.code ?? body.choices?.[0]?.message.content ?? ''];
        }),
      ),
  };
}

export function stateOf(home: string): string[] | null {
  const path = join(home, 'out.jsonl.state');
  return existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n') : null;
}

/** Lines with ids a, b, c … and prompts like them. */
export function someLines(count: number): object[] {
  return Array.from({ length: count }, (_, at) => ({ custom_id: `id-${at}`, prompt: `p${at}` }));
}
