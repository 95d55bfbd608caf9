/** Tables of the pages against the data that they repeat. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { CliError, type ExitName, exitCodes, exitGroups } from '../../src/base/errors.ts';
import { tools } from '../../src/frontends/mcp/tools.ts';
import { builtInGateways, kindsOf } from '../../src/gateways/index.ts';
import { configFields } from '../helpers/config-fields.ts';
import { codeSpans, page, userPages } from '../helpers/documents.ts';
import { root, runExecutable } from '../helpers/executable.ts';
import { rowsUnder } from '../helpers/markdown-table.ts';

describe('docs/exit-codes.md', () => {
  const rows = rowsUnder(page('docs/exit-codes.md'), '| code | name | meaning | bought |');

  test('lists every code under its group, as the program has them', () => {
    const wanted = exitGroups.flatMap(({ from, to }) => [
      `${from}-${to}`,
      ...Object.entries(exitCodes)
        .filter(([, { code }]) => code >= from && code <= to)
        .map(([name, { code }]) => `${code} \`${name}\``),
    ]);
    const listed = rows.map(([code = '', name = '', meaning = '']) =>
      code === '' ? (/^\*\*(\d+-\d+): .+\*\*$/.exec(meaning)?.[1] ?? meaning) : `${code} ${name}`,
    );
    expect(listed).toEqual(wanted);
  });

  test('says of each failure whether anything was bought', () => {
    const failures = rows.filter(([code = '']) => code !== '' && code !== '0');
    const words = { no: 'no', unknown: 'maybe', yes: 'yes' };
    for (const [code, name = '', , bought] of failures) {
      const exit = name.replaceAll('`', '') as ExitName;
      expect(bought, code).toBe(words[new CliError(exit, '').billed]);
    }
  });

  test('has a meaning for each', () => {
    for (const [code, , meaning] of rows) expect(meaning, code).not.toBe('');
  });
});

describe('docs/exit-codes.md has every code of ours', () => {
  const documented = new Set(
    rowsUnder(page('docs/exit-codes.md'), '| what | codes |').flatMap(([, codes = '']) =>
      [...codes.matchAll(/`(\w+)`/g)].map(([, code = '']) => code),
    ),
  );
  const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
    // Codes of gateways are theirs, and the sandbox is one.
    .filter((name) => name.endsWith('.ts') && !/^(sandbox|gateways|schemas)\b/.test(name))
    .map((name) => readFileSync(join(root, 'src', name), 'utf8'))
    .join('\n');

  test('that a failure is given as it is', () => {
    // A word for -m, and an issue of zod's.
    const others = new Set(['coding', 'invalid_format']);
    const literal = /\bcode: '([a-z0-9_]+)'|new Refusal\(\s*\d+,\s*'([a-z0-9_]+)'/g;
    const given = [...sources.matchAll(literal)].map(([, code, ofServe]) => code ?? ofServe ?? '');
    expect(given.length).toBeGreaterThan(150);
    const missing = new Set(given.filter((code) => !documented.has(code) && !others.has(code)));
    expect([...missing]).toEqual([]);
  });

  test('and none that nothing gives', () => {
    const words = new Set(
      [...sources.matchAll(/['`]([a-z0-9_]+)(?:['`]|\$\{)/g)].map(([, one]) => one),
    );
    const stale = [...documented].filter((code) => !words.has(code));
    expect(stale.filter((code) => !/^budget_(call|day|month)$/.test(code))).toEqual([]);
  });
});

test('help exit-codes prints every code with its name', async () => {
  const { stdout } = await runExecutable(['help', 'exit-codes']);
  for (const [name, { code }] of Object.entries(exitCodes))
    expect(stdout).toMatch(new RegExp(`^ +${code}  ${name} `, 'm'));
});

test('docs/agents.md names the MCP tools, and which of them cost money', () => {
  const rows = rowsUnder(page('docs/agents.md'), '| tool | what it does | costs money |');
  const listed = rows.map(([name = '', , costs]) => ({
    name: name.replaceAll('`', ''),
    paid: costs === 'yes',
  }));
  expect(listed).toEqual(tools.map(({ name, paid }) => ({ name, paid })));
});

test('docs/configuration.md names everything that the config may hold', () => {
  const fields = configFields();
  // A row is one field, or an object whose fields are the code in its second cell.
  const named = rowsUnder(page('docs/configuration.md'), '| name | value |').flatMap(
    ([name = '', value = '']) => {
      const path = name.replaceAll('`', '').replaceAll(/<\w+>/g, '<name>');
      return fields.includes(path)
        ? [path]
        : [...value.matchAll(/`(\w+)`/g)].map(([, field]) => `${path}.${field}`);
    },
  );
  expect(named.sort()).toEqual(fields.sort());
});

test('docs/gateways.md names every base URL variable and every kind', () => {
  const { text } = page('docs/gateways.md');
  const variables = [...builtInGateways.values()].flatMap(({ baseUrlEnv }) => baseUrlEnv ?? []);
  const kinds = /^`kind` is the wire format: (.*)\. A/m.exec(text)?.[1] ?? '';
  const named = new Set([...text.matchAll(/`(\w+_BASE_URL)`/g)].map(([, name]) => name));
  expect([...named].sort()).toEqual(variables.sort());
  expect([...kinds.matchAll(/`(\w+)`/g)].map(([, kind]) => kind).sort()).toEqual(kindsOf().sort());
});

test('pages name only files of this repository that exist', () => {
  const named = userPages.flatMap((each) =>
    codeSpans(each)
      .filter((code) => /^(src|test|bin|build|bench|skills|docs)\/[\w./-]+$/.test(code))
      .map((path) => ({ page: each.path, path })),
  );
  expect(named.length).toBeGreaterThan(40);
  expect(named.filter(({ path }) => !existsSync(join(root, path)))).toEqual([]);
});

test('the changelog knows this version', () => {
  const { version } = JSON.parse(page('package.json').text) as { version: string };
  expect(page('CHANGELOG.md').text).toContain(`## ${version}`);
});
