import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { exitCodes } from '../../src/base/errors.ts';
import { root, runExecutable, start, temporaryFolder } from '../helpers/executable.ts';
import { type Claim, claimsOf, pagesOf, valueAt } from '../helpers/skill-commands.ts';

const skills = readdirSync(join(root, 'skills'));

/** A gateway that lives as long as the test, so that a job of one command is there for the next. */
async function openGateway(): Promise<string> {
  const server = start(['sandbox', '--port', '0']);
  await server.shows('/v1\n');
  return server.printed().trim();
}

/** A home whose sandbox is there. */
function homeWithSandbox(baseUrl: string): string {
  const home = temporaryFolder();
  const gateways = { sandbox: { base_url: baseUrl } };
  writeFileSync(join(home, 'config.json'), JSON.stringify({ gateways }));
  return home;
}

interface Walk {
  env: Record<string, string>;
  home: string;
  cwd: string;
  /** Of the newest job. */
  taskId: string;
}

/** What is wrong with the claim; [] when it holds. */
async function tryOut({ argv, input, exit, paths }: Claim, walk: Walk): Promise<string[]> {
  const words = argv.map((word) => word.replace('<task_id>', walk.taskId));
  const { code, stdout, stderr } = await runExecutable(words, {
    ...walk,
    ...(input === undefined ? {} : { input }),
  });
  if (code !== exit) return [`exits ${code}: ${stdout}${stderr}`];
  if (!words.includes('--json')) return stdout === '' ? [] : faultsOfText(stdout, paths);
  const document = JSON.parse(stdout) as Record<string, unknown>;
  if (typeof document.task_id === 'string') walk.taskId = document.task_id;
  const missing = paths.filter((path) => (valueAt(document, path) ?? null) === null);
  const files = (document.files ?? []) as { path: string; bytes?: number }[];
  // Those of a project have no size.
  const unsaved = files.filter(({ path, bytes }) =>
    bytes === undefined
      ? !existsSync(join(String(document.directory), path))
      : !isAbsolute(path) || statSync(path).size !== bytes,
  );
  return [
    ...missing.map((path) => `has no ${path}`),
    ...unsaved.map(({ path }) => `has not saved ${path}`),
    ...(document.ok === (exit === 0) ? [] : ['does not say whether it went well']),
    ...(isAnswer(document) && document.content_trust !== 'untrusted'
      ? ['does not mark its text']
      : []),
  ];
}

/** Whether its text came from a model. */
function isAnswer({ command, text }: Record<string, unknown>): boolean {
  return typeof text === 'string' && (command === 'chat' || command === 'search');
}

function faultsOfText(stdout: string, paths: readonly string[]): string[] {
  if (paths.length === 0) return [];
  const document: unknown = JSON.parse(stdout);
  return paths.filter((path) => valueAt(document, path) === undefined).map((path) => `no ${path}`);
}

describe.each(skills)('the skill %s', (skill) => {
  test('says how each of its commands ends, and they do', { timeout: 120_000 }, async () => {
    const claims = claimsOf(skill);
    expect(claims.length).toBeGreaterThan(5);
    const walk = {
      env: { ALLTOKEN_GATEWAY: 'sandbox' },
      home: homeWithSandbox(await openGateway()),
      cwd: temporaryFolder(),
      taskId: 'none yet',
    };
    const wrong: { line: string; faults: string[] }[] = [];
    for (const claim of claims) {
      const faults = await tryOut(claim, walk);
      if (faults.length > 0) wrong.push({ line: claim.line, faults });
    }
    expect(wrong).toEqual([]);
  });

  test('names only commands and flags that exist', async () => {
    const whole = await runExecutable(['--help', '--json']);
    // The tree of all commands names those below others without their flags.
    const tasks = await runExecutable(['tasks', '--help', '--json']);
    const stdout = whole.stdout + tasks.stdout;
    const text = pagesOf(skill)
      .map((page) => page.text)
      .join('\n');
    const flags = new Set([...text.matchAll(/(?<![\w-])--[a-z][a-z-]+/g)].map(([flag]) => flag));
    const unknown = [...flags].filter(
      (flag) => flag !== '--help' && !stdout.includes(`"name":"${flag}"`),
    );
    expect(unknown).toEqual([]);
    for (const [, command] of text.matchAll(/`alltoken ([a-z]+)[ `]/g))
      expect(stdout).toContain(`"name":"alltoken ${command}"`);
  });

  test('names only exit codes that exist, in groups as they are', () => {
    const known = Object.values(exitCodes).map(({ code }) => code);
    const text = pagesOf(skill)
      .map((page) => page.text)
      .join('\n');
    for (const [, from, to] of text.matchAll(/\b(\d\d)[–](\d\d)\b/g)) {
      expect(known).toContain(Number(from));
      expect(known).toContain(Number(to));
    }
    for (const [, code] of text.matchAll(/\bexit (\d+)\b/gi)) expect(known).toContain(Number(code));
  });
});

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
    env: { PATH: process.env.PATH ?? '', ...env },
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

  test.each(['agent.mjs', 'chat-cost.mjs', 'image.mjs', 'video.mjs'])(
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
