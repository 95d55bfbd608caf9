/** Every program of docs/library.md runs, one after the other in one folder, and prints what the page says. */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { page } from '../helpers/documents.ts';
import { compileCache, root } from '../helpers/executable.ts';

interface Program {
  /** The line of the page that it begins on, from 1. */
  at: number;
  text: string;
  /** What it prints: `[…]` is any text. null: the page does not say. */
  prints: string | null;
}

/** A block of JavaScript, and the next block of plain text before another program. */
function programsOf(text: string): Program[] {
  const blocks = [...text.matchAll(/^```(js|text)\n([\s\S]*?)^```$/gm)];
  return blocks.flatMap(([, kind, content = ''], index) => {
    if (kind !== 'js') return [];
    const next = blocks[index + 1];
    const at = text.slice(0, blocks[index]?.index).split('\n').length;
    return [{ at, text: content, prints: next?.[1] === 'text' ? (next[2] ?? '') : null }];
  });
}

const programs = programsOf(page('docs/library.md').text);
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'alltoken-library-'));
  mkdirSync(join(folder, 'node_modules/.bin'), { recursive: true });
  symlinkSync(root, join(folder, 'node_modules/alltoken-cli'));
  symlinkSync(join(root, 'node_modules/zod'), join(folder, 'node_modules/zod'));
  symlinkSync(join(root, 'bin/alltoken.js'), join(folder, 'node_modules/.bin/alltoken'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the programs of docs/library.md', () => {
  test('are several, and the first one has at most 15 lines', () => {
    expect(programs.length).toBeGreaterThan(10);
    expect(programs[0]?.text.trimEnd().split('\n').length).toBeLessThanOrEqual(15);
  });

  test.each(programs)(
    'line $at runs, and prints what the page says',
    async ({ at, prints, text }) => {
      const file = join(folder, `line-${at}.mjs`);
      writeFileSync(file, text);
      const { code, stderr, stdout } = await runProgram(file);
      expect(code, stderr + stdout).toBe(0);
      if (prints !== null) expect(stdout).toMatch(patternOf(prints));
    },
  );
});

/** As a reader would: without a key, on the sandbox, in a home of its own. */
function runProgram(
  file: string,
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, [file], {
    cwd: folder,
    env: {
      PATH: `${join(folder, 'node_modules/.bin')}:${process.env.PATH ?? ''}`,
      HOME: folder,
      ALLTOKEN_HOME: join(folder, 'home'),
      ALLTOKEN_GATEWAY: 'sandbox',
      ALLTOKEN_COMPILE_CACHE: compileCache,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const printed = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const)
    child[stream].setEncoding('utf8').on('data', (text: string) => {
      printed[stream] += text;
    });
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, ...printed })));
}

function patternOf(prints: string): RegExp {
  const parts = prints.split('[…]').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('[\\s\\S]*')}$`);
}
