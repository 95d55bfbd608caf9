/** Plugins, the registry and the bundle are published from files in the repository: they have to be those of this version. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { publishedForms } from '../build/published-forms.ts';
import { tools } from '../src/frontends/mcp/tools.ts';
import { root } from './helpers/executable.ts';

const own = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Parameters<
  typeof publishedForms
>[0];
const forms = publishedForms(own, tools);

const read = (path: string): Record<string, unknown> =>
  JSON.parse(readFileSync(join(root, path), 'utf8')) as Record<string, unknown>;

describe('the published forms', () => {
  test.each([...forms.keys()])('%s is what npm run forms writes', (path) => {
    expect(readFileSync(join(root, path), 'utf8')).toBe(forms.get(path));
  });

  test.each([...forms.keys()].filter((path) => path !== '.codex-plugin/mcp.json'))(
    '%s names this version',
    (path) => {
      expect(readFileSync(join(root, path), 'utf8')).toContain(`"version": "${own.version}"`);
    },
  );

  test('the registry gets the name that package.json has, in its own form', () => {
    const { name, description, packages } = read('server.json');
    expect(name).toBe(own.mcpName);
    expect(name).toMatch(/^[a-zA-Z0-9.-]+\/[a-zA-Z0-9._-]+$/);
    expect(String(description).length).toBeLessThanOrEqual(100);
    expect(packages).toMatchObject([
      { registryType: 'npm', identifier: own.name, version: own.version },
    ]);
  });

  test('the plugins find the skills, and what they start is this version', () => {
    const codex = read('.codex-plugin/plugin.json');
    for (const path of [codex.skills, codex.mcpServers])
      expect(existsSync(join(root, String(path)))).toBe(true);
    const started = `${own.name}@${own.version}`;
    expect(JSON.stringify(read('.claude-plugin/plugin.json'))).toContain(started);
    expect(JSON.stringify(read('.codex-plugin/mcp.json'))).toContain(started);
  });

  test('the bundle starts what the package has, and lists each tool', () => {
    const { server, tools: listed } = read('mcpb/manifest.json');
    const { entry_point: entry } = server as { entry_point: string };
    expect(existsSync(join(root, entry))).toBe(true);
    expect((listed as { name: string }[]).map(({ name }) => name)).toEqual(
      tools.map(({ name }) => name),
    );
  });

  test('no form holds a key', () => {
    for (const text of forms.values()) expect(text).not.toMatch(/sk-\w{8}/);
  });
});
