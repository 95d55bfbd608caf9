import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { compileCache, root, temporaryFolder } from '../helpers/executable.ts';

/** Longer than the shell allows a file to be, which is 512 or 1024 bytes; shorter than what a pipe takes at once. */
const ids = Array.from({ length: 100 }, (_, index) => `model-with-a-long-name-${100 + index}`);

interface Ended {
  code: number | null;
  stderr: string;
  /** What is in the file. */
  written: string;
}

function environment(home: string): Record<string, string> {
  return {
    PATH: process.env.PATH ?? '',
    HOME: home,
    ALLTOKEN_HOME: home,
    ALLTOKEN_COMPILE_CACHE: compileCache,
  };
}

/** `alltoken …argv` with stdout in a file that a shell's `ulimit -f 1` keeps short, as a full disk would. */
function runIntoShortFile(argv: readonly string[], home = temporaryFolder()): Promise<Ended> {
  const cwd = temporaryFolder();
  const script = 'ulimit -f 1; exec "$@" >out';
  const alltoken = [process.execPath, join(root, 'bin/alltoken.js'), ...argv];
  const child = spawn('sh', ['-c', script, 'sh', ...alltoken], {
    cwd,
    // A long answer.
    env: { ...environment(home), ALLTOKEN_SANDBOX_FAULT: 'big' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  return new Promise((resolve) =>
    child.on('close', (code) =>
      resolve({ code, stderr, written: readFileSync(join(cwd, 'out'), 'utf8') }),
    ),
  );
}

/** A home with this list of models, just fetched. */
function homeWithModels(): string {
  const home = temporaryFolder();
  mkdirSync(join(home, 'cache'));
  writeFileSync(
    join(home, 'cache/models-alltoken.json'),
    JSON.stringify({
      v: 1,
      base_url: 'https://api.alltoken.ai/v1',
      fetched_at: Date.now(),
      models: ids.map((id) => ({ id, kind: 'chat' })),
    }),
  );
  return home;
}

const failure = /^alltoken: cannot write the output: file too large \[local_io code=EFBIG\]\n/;

describe.runIf(process.platform !== 'win32')('a file that cannot take the whole output', () => {
  test.each([
    ['a page', ['help', 'exit-codes']],
    ['a list', ['models', '-q']],
    ['a list that needs no program', ['models']],
    ['a document', ['models', '--json']],
  ])('is 50, and one line says why: %s', async (_what, argv) => {
    const { code, stderr, written } = await runIntoShortFile(argv, homeWithModels());
    expect(code, stderr).toBe(50);
    expect(stderr).toMatch(failure);
    expect(stderr).toMatch(
      /\nhint: allow larger files \(ulimit -f\), then run the same command again\n$/,
    );
    expect(stderr.trimEnd().split('\n')).toHaveLength(2);
    expect(written.length).toBeGreaterThan(0);
  });

  test('is 50 for an answer, which may have been billed', async () => {
    const argv = ['chat', '-g', 'sandbox', '--no-save', 'Hi'];
    // The books would have room for as little, and are no matter here: there is no home.
    const { code, stderr } = await runIntoShortFile(argv, '/dev/null');
    expect(code, stderr).toBe(50);
    expect(stderr).toMatch(/^alltoken: cannot write the output: file too large/m);
    expect(stderr).toMatch(/^hint: .*may have been billed/m);
  });
});

test('a file takes the whole output where it can, behind what it has', async () => {
  const home = homeWithModels();
  const cwd = temporaryFolder();
  const alltoken = `'${process.execPath}' '${join(root, 'bin/alltoken.js')}'`;
  const script = `echo first >out; ${alltoken} models >>out; ${alltoken} models -q >>out`;
  const child = spawn('sh', ['-c', script], {
    cwd,
    env: environment(home),
    stdio: 'ignore',
  });
  await new Promise((resolve) => child.on('close', resolve));
  const all = `${ids.join('\n')}\n`;
  expect(readFileSync(join(cwd, 'out'), 'utf8')).toBe(`first\n${all}${all}`);
  expect(statSync(join(cwd, 'out')).size).toBe(6 + 2 * all.length);
});

/** `alltoken …argv` where no file may be longer than so many blocks of 512 or 1024 bytes; null: any. */
function runWithFilesOf(
  blocks: number | null,
  argv: readonly string[],
  home: string,
): Promise<{ code: number | null; stderr: string }> {
  const limit = blocks === null ? 'unlimited' : String(blocks);
  const alltoken = [process.execPath, join(root, 'bin/alltoken.js'), ...argv];
  const child = spawn('sh', ['-c', `ulimit -f ${limit}; exec "$@"`, 'sh', ...alltoken], {
    cwd: home,
    env: environment(home),
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, stderr })));
}

interface Result {
  custom_id: string;
  error: { code: string } | null;
}

/** The lines of an output that are whole. */
function resultsIn(path: string): Result[] {
  return readFileSync(path, 'utf8')
    .split('\n')
    .flatMap((text) => {
      try {
        return [JSON.parse(text) as Result];
      } catch {
        return [];
      }
    });
}

describe.runIf(process.platform !== 'win32')('an output of a batch that is cut short', () => {
  test('ends the batch, and going on finds each line that is whole', async () => {
    const home = temporaryFolder();
    const lines = Array.from({ length: 60 }, (_, at) =>
      JSON.stringify({ custom_id: `line-${at}`, prompt: `Say the number ${at}` }),
    );
    writeFileSync(join(home, 'in.jsonl'), lines.map((text) => `${text}\n`).join(''));
    const argv = ['batch', '-g', 'sandbox', join(home, 'in.jsonl'), '-o', join(home, 'out.jsonl')];
    const cut = await runWithFilesOf(
      16,
      [...argv, '-m', 'gpt-5.4-nano', '--concurrency', '20'],
      home,
    );
    expect(cut).toMatchObject({ code: 50 });
    expect(cut.stderr).toMatch(/code=(EFBIG|ENOSPC)\]/);
    const first = resultsIn(join(home, 'out.jsonl'));
    expect(first.length).toBeGreaterThan(0);
    expect(new Set(first.map(({ custom_id: id }) => id)).size).toBe(first.length);

    const whole = await runWithFilesOf(null, [...argv, '-m', 'gpt-5.4-nano'], home);
    const all = resultsIn(join(home, 'out.jsonl'));
    expect(all.map(({ custom_id: id }) => id).sort()).toEqual(
      lines.map((_, at) => `line-${at}`).sort(),
    );
    // What had a result keeps it; what was sent and has none is not bought again by itself.
    expect(all).toEqual(expect.arrayContaining(first));
    const unknown = all.filter(({ error }) => error?.code === 'unknown').length;
    expect(unknown).toBeGreaterThan(0);
    expect(unknown).toBeLessThanOrEqual(20);
    expect(whole.code).toBe(40);
  });
});
