/** What the pages of a skill say of their commands, tried in memory on a sandbox. */
import { existsSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { exitCodes } from '../../src/base/errors.ts';
import { startSandbox } from '../../src/sandbox/start.ts';
import { root } from '../helpers/executable.ts';
import { fakeClock } from '../helpers/fake-clock.ts';
import { fakeDeps } from '../helpers/fake-deps.ts';
import { runInHome } from '../helpers/in-home.ts';
import { type Claim, claimsOf, pagesOf, valueAt } from '../helpers/skill-commands.ts';

const skills = readdirSync(join(root, 'skills'));

/** The same for the program and the sandbox: what the program sleeps, the sandbox's tasks have run. */
const clock = fakeClock({ now: Date.parse('2026-11-22T12:00:00Z') });
/** It lives as long as the tests, so that a job of one command is there for the next. */
let sandbox: Awaited<ReturnType<typeof startSandbox>>;
beforeAll(async () => {
  sandbox = await startSandbox({ port: 0, faults: [], clock });
});
afterAll(() => sandbox.close());

interface Walk {
  home: string;
  /** Of the newest job. */
  taskId: string;
}

/** What a command prints on standard output. */
async function printed(...argv: string[]): Promise<string> {
  return (await runInHome(fakeDeps(), clock, argv, {})).out;
}

/** What is wrong with the claim; [] when it holds. */
async function tryOut({ argv, input, exit, paths }: Claim, walk: Walk): Promise<string[]> {
  const words = argv.map((word) => word.replace('<task_id>', walk.taskId));
  const { code, out, err } = await runInHome(walk, clock, words, { stdin: input ?? '' });
  if (code !== exit) return [`exits ${code}: ${out}${err}`];
  if (!words.includes('--json')) return out === '' ? [] : faultsOfText(out, paths);
  const document = JSON.parse(out) as Record<string, unknown>;
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

function faultsOfText(text: string, paths: readonly string[]): string[] {
  if (paths.length === 0) return [];
  const document: unknown = JSON.parse(text);
  return paths.filter((path) => valueAt(document, path) === undefined).map((path) => `no ${path}`);
}

describe.each(skills)('the skill %s', (skill) => {
  test('says how each of its commands ends, and they do', async () => {
    const claims = claimsOf(skill);
    expect(claims.length).toBeGreaterThan(5);
    const { home } = fakeDeps();
    const gateways = { sandbox: { base_url: sandbox.baseUrl } };
    writeFileSync(join(home, 'config.json'), JSON.stringify({ gateways }));
    const walk = { home, taskId: 'none yet' };
    const wrong: { line: string; faults: string[] }[] = [];
    for (const claim of claims) {
      const faults = await tryOut(claim, walk);
      if (faults.length > 0) wrong.push({ line: claim.line, faults });
    }
    expect(wrong).toEqual([]);
  });

  test('names only commands and flags that exist', async () => {
    // The tree of all commands names those below others without their flags.
    const help = (await printed('--help', '--json')) + (await printed('tasks', '--help', '--json'));
    const text = pagesOf(skill)
      .map((page) => page.text)
      .join('\n');
    const flags = new Set([...text.matchAll(/(?<![\w-])--[a-z][a-z-]+/g)].map(([flag]) => flag));
    const unknown = [...flags].filter(
      (flag) => flag !== '--help' && !help.includes(`"name":"${flag}"`),
    );
    expect(unknown).toEqual([]);
    for (const [, command] of text.matchAll(/`alltoken ([a-z]+)[ `]/g))
      expect(help).toContain(`"name":"alltoken ${command}"`);
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
