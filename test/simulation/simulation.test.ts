/** The simulator in the tests: worlds that once failed, as many new ones as time allows, and that a seed is all there is to a world. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { isWhole } from '../helpers/share.ts';
import { bundle } from './bundle.mjs';
import { mutations } from './mutations.ts';
import { regressions } from './regressions.ts';

const folder = mkdtempSync(join(tmpdir(), 'alltoken-simulate-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
/** Bundled once for all of them. */
const simulator = join(folder, 'simulator.mjs');
await bundle(fileURLToPath(new URL('main.ts', import.meta.url)), simulator, {});
const start = `
  const { main } = await import(${JSON.stringify(simulator)});
  process.exitCode = await main(process.argv.slice(1), (line) => console.log(line));`;

/** In a process of its own: in a bundle nothing but the queue of events decides what comes first. */
function simulate(...argv: string[]): { status: number | null; lines: string[] } {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--max-semi-space-size=64', '--input-type=module', '--eval', start, '--', ...argv],
    { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 },
  );
  return { status, lines: `${stdout}${stderr}`.trimEnd().split('\n') };
}

/** CPU seconds of the check; the nightly run has two hundred thousand other worlds. */
const SECONDS = isWhole ? '4' : '2';

const src = fileURLToPath(new URL('../../src', import.meta.url));

describe('simulation', () => {
  test('what a deliberate defect changes stands in the source exactly once', () => {
    const stale = mutations.filter(({ more = [], ...first }) => {
      const changed = new Map<string, string>();
      return [first, ...more].some(({ file, find, replace }) => {
        const path = join(src, file);
        const text = changed.get(path) ?? (existsSync(path) ? readFileSync(path, 'utf8') : '');
        changed.set(
          path,
          text.replace(find, () => replace),
        );
        return text.split(find).length !== 2;
      });
    });
    expect(stale.map(({ name }) => name)).toEqual([]);
    const names = mutations.map(({ name }) => name);
    expect(names).toHaveLength(new Set(names).size);
  });

  test('what broke a law once no longer does', () => {
    const { status, lines } = simulate('--regressions');
    const expected = regressions.map(({ what, program }) => `seed ${program.seed}: ${what}: held`);
    expect(lines).toEqual(expected);
    expect(status).toBe(0);
  });

  test('every law holds in every world', { timeout: 300_000 }, () => {
    const { status, lines } = simulate('--worlds', '100000', '--seconds', SECONDS, '--no-coverage');
    expect(lines.join('\n')).toMatch(/every law held$/);
    expect(status).toBe(0);
  });

  test('a seed gives the same trace each time, and another seed another', () => {
    const [first, again, other] = ['4711', '4711', '4712'].map(
      (seed) => simulate('--seed', seed, '--trace').lines,
    );
    expect(first?.length).toBeGreaterThan(20);
    expect(again).toEqual(first);
    expect(other?.at(-1)).not.toBe(first?.at(-1));
  });
});
