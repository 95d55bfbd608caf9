/** The example programs of the skill `alltoken`, as processes: on the package, and on Python where it is there. */
import { spawn, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { startSandbox } from '../../src/testing.ts';
import { compileCache, root, temporaryFolder } from '../helpers/executable.ts';
import { isTurnOf } from '../helpers/share.ts';
import { pagesOf } from '../helpers/skill-commands.ts';

/** A gateway that lives as long as the test, so that a job of one command is there for the next. */
async function openGateway(): Promise<string> {
  const { baseURL, close } = await startSandbox();
  onTestFinished(close);
  return baseURL;
}

/** A home whose sandbox is there. */
function homeWithSandbox(baseUrl: string): string {
  const home = temporaryFolder();
  const gateways = { sandbox: { base_url: baseUrl } };
  writeFileSync(join(home, 'config.json'), JSON.stringify({ gateways }));
  return home;
}

const scripts = join(root, 'skills/alltoken/scripts');
const hasPython = spawnSync('python3', ['--version']).status === 0;

interface Told {
  code: number | null;
  stdout: string;
  stderr: string;
}

function runScript(
  name: string,
  words: readonly string[],
  env: Record<string, string>,
): Promise<Told> {
  const program = name.endsWith('.py') ? 'python3' : process.execPath;
  const child = spawn(program, [join(scripts, name), ...words], {
    env: { PATH: process.env.PATH ?? '', ALLTOKEN_COMPILE_CACHE: compileCache, ...env },
  });
  const told = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const)
    child[stream].setEncoding('utf8').on('data', (text: string) => {
      told[stream] += text;
    });
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, ...told })));
}

describe('the examples of the skill alltoken', () => {
  test.each(readdirSync(scripts))('%s is named by the skill', (name) => {
    expect(pagesOf('alltoken')[0]?.text).toContain(`scripts/${name}`);
  });

  const chats: [name: string, withCost: boolean][] = [
    ['chat-cost.mjs', true],
    ['chat-stream.mjs', true],
    ['openai-sdk.mjs', false],
    ['chat_cost.py', true],
  ];
  for (const [name, withCost] of chats)
    test.skipIf(name.endsWith('.py') && !hasPython)(
      `${name} streams an answer ${withCost ? 'and tells' : 'without'} its cost`,
      async () => {
        const told = await runScript(name, ['gpt-5.4', 'Hi'], await gatewayFor(name));
        expect(told).toMatchObject({ code: 0 });
        expect(told.stdout).toContain('You asked for gpt-5.4.');
        const facts = JSON.parse(told.stderr) as {
          usage: { prompt_tokens: number };
          cost?: string;
        };
        expect(facts.usage.prompt_tokens).toBeGreaterThan(0);
        expect(facts.cost ?? 'none').toMatch(withCost ? /^0\.0\d+$/ : /^none$/);
      },
    );

  test.each([
    ['image.mjs', [0x89, 0x50, 0x4e, 0x47]],
    ['video.mjs', null],
  ] as const)(
    '%s saves a file, and says what it cost',
    { timeout: 60_000 },
    async (name, magic) => {
      const folder = temporaryFolder();
      const told = await runScript(name, ['A test', folder], await gatewayFor(name));
      expect(told).toMatchObject({ code: 0 });
      const path = told.stdout.trim();
      expect(path.startsWith(`${folder}/`)).toBe(true);
      const facts = JSON.parse(told.stderr) as { task: string; status: string };
      expect(facts).toMatchObject({
        status: 'completed',
        task: expect.stringMatching(/^[iv]gen_/),
      });
      const bytes = readFileSync(path);
      if (magic) expect([...bytes.subarray(0, 4)]).toEqual([...magic]);
      else expect(bytes.toString('latin1', 4, 8)).toBe('ftyp');
    },
  );

  test('agent.mjs uses its tool, and goes on in another process', async () => {
    const file = join(temporaryFolder(), 'history.jsonl');
    const env = await gatewayFor('agent.mjs');
    const first = await runScript('agent.mjs', ['tool: weather {"city":"Rome"}', file], env);
    expect(first).toMatchObject({ code: 0 });
    expect(first.stdout).toContain('weather: {"city":"Rome","celsius":21,"sky":"clear"}');
    expect(first.stderr).toMatch(/^\[weather\] \{"city":"Rome"\}\n\{"amount":"0\.\d+"/);
    const second = await runScript('agent.mjs', ['And now?', file], env);
    expect(second).toMatchObject({ code: 0 });
    // Instructions, two messages of the first run, a call and its result.
    expect(second.stdout).toContain('With it came 5 other messages');
  });

  const onLibrary = ['agent.mjs', 'chat-cost.mjs', 'image.mjs', 'video.mjs'];
  test.each(onLibrary.filter((_, index) => isTurnOf(index, 2)))(
    '%s ends in one line, with the exit code of the command, where the key is bad',
    async (name) => {
      const env = { ...(await gatewayFor(name)), ALLTOKEN_API_KEY: 'sk-at-invalid' };
      const told = await runScript(name, ['Hi'], { ...env, ALLTOKEN_GATEWAY: 'alltoken' });
      expect(told).toMatchObject({ code: 21, stdout: '' });
      expect(told.stderr).toMatch(/^invalid_api_key: .*; billed: no\n$/);
    },
  );
});

/** The programs on the library find the gateway as the command does, in a home of their own; the others take an address. */
async function gatewayFor(name: string): Promise<Record<string, string>> {
  const address = await openGateway();
  const isOnLibrary = readFileSync(join(scripts, name), 'utf8').includes("from 'alltoken-cli'");
  if (!isOnLibrary) return { ALLTOKEN_BASE_URL: address };
  const home = homeWithSandbox(address);
  return { ALLTOKEN_HOME: home, ALLTOKEN_GATEWAY: 'sandbox', ALLTOKEN_BASE_URL: address };
}
