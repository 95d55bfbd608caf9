/** What the release workflow checks before it publishes. */
import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { root } from './helpers/executable.ts';

const files = [
  'package.json',
  'server.json',
  'CHANGELOG.md',
  'mcpb',
  '.claude-plugin',
  '.codex-plugin',
];
let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'alltoken-release-'));
  for (const file of files) await cp(join(root, file), join(directory, file), { recursive: true });
  const changes = '# Changelog\n\n## 0.1.0 (2026-12-01)\n\n- First.\n\n## 0.0.9\n\n- Older.\n';
  await writeFile(join(directory, 'CHANGELOG.md'), changes);
});
afterEach(() => rm(directory, { recursive: true, force: true }));

async function release(tag: string): Promise<{ ok: boolean; stderr: string }> {
  const script = join(root, 'build/release.mjs');
  const args = [script, '--tag', tag, '--notes', 'notes.md'];
  try {
    const { stderr } = await promisify(execFile)(process.execPath, args, { cwd: directory });
    return { ok: true, stderr };
  } catch (error) {
    return { ok: false, stderr: String((error as { stderr?: unknown }).stderr) };
  }
}

async function change(file: string, from: string, to: string): Promise<void> {
  const path = join(directory, file);
  await writeFile(path, (await readFile(path, 'utf8')).replace(from, to));
}

describe('a release', () => {
  test('has as notes what the changelog says about its version', async () => {
    expect(await release('v0.1.0')).toEqual({ ok: true, stderr: '' });
    expect(await readFile(join(directory, 'notes.md'), 'utf8')).toBe('- First.\n');
  });

  test.each([
    ['the tag has another version', 'v0.2.0', 'package.json', 'x', 'x', 'the tag is v0.2.0'],
    ['a published form does', 'v0.1.0', 'server.json', '0.1.0', '0.0.9', 'npm run forms'],
    ['it has no date', 'v0.1.0', 'CHANGELOG.md', '2026-12-01', 'unreleased', 'unreleased'],
    ['the changelog lacks it', 'v0.1.0', 'CHANGELOG.md', '## 0.1.0', '## 0.1.1', 'no section'],
  ])('fails where %s', async (_why, tag, file, from, to, words) => {
    await change(file, from, to);
    const { ok, stderr } = await release(tag);
    expect(ok).toBe(false);
    expect(stderr).toContain(words);
  });
});
