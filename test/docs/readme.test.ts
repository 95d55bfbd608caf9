import { describe, expect, test } from 'vitest';
import { abilities, builtInGateways, gatewayTemplates } from '../../src/gateways/index.ts';
import type { Gateway } from '../../src/gateways/types.ts';
import { page, shellBlocks } from '../helpers/documents.ts';
import { runExecutable } from '../helpers/executable.ts';
import { rowsUnder } from '../helpers/markdown-table.ts';

const readme = page('README.md');
const own = gatewayTemplates.get('openai');

test('is short', () => {
  expect(readme.text.trimEnd().split('\n').length).toBeLessThanOrEqual(120);
});

test('its first line is what a newcomer gets', async () => {
  const [tried] = shellBlocks(readme);
  expect(tried?.commands).toEqual([]);
  const line =
    /<!-- try line -->\n```sh\n(.*)\n```\n<!-- \/try line -->/.exec(readme.text)?.[1] ?? '';
  const words = [...(line.split('node bin/alltoken.js ')[1] ?? '').matchAll(/"([^"]*)"|(\S+)/g)];
  const argv = words.map((match) => match[1] ?? match[2] ?? '');
  const { code, stdout, stderr } = await runExecutable(argv);
  expect(code).toBe(0);
  expect(stdout).toContain('No model is behind it');
  expect(stderr).toMatch(/^\[usage\] .* cost=\$/);
});

test('has the line that CI runs, where CI looks for it', () => {
  expect(readme.text).toMatch(
    /^<!-- test line -->\n```sh\nnpm ci --ignore-scripts && npm run check\n```\n<!-- \/test line -->$/m,
  );
});

/** Gateways that have all in common share a row. */
function namesIn(cell: string): string[] {
  return cell.split(', ');
}

describe('the gateway tables', () => {
  test('name every gateway with its key, as the program has it', () => {
    const rows = rowsUnder(readme, '| gateway | `-g` | key |').flatMap(([, names = '', key]) =>
      namesIn(names).map((name) => [name, key]),
    );
    const all = [...builtInGateways.values()].map(({ id, keyVariable }) => [
      `\`${id}\`${id === 'alltoken' ? ' (default)' : ''}`,
      keyVariable === null ? 'none' : `\`${keyVariable}\``,
    ]);
    expect(rows.slice(0, -1).sort()).toEqual(all.sort());
    expect(rows.at(-1)).toEqual([
      'its name in the config',
      '`api_key_env`, `api_key_file` or `api_key_command`',
    ]);
  });

  test('say what works where, as the program has it', () => {
    const head = '| `-g` | chat | image | video | search | models | cost of a call |';
    const rows = rowsUnder(readme, head).flatMap(([names = '', ...cells]) =>
      namesIn(names.replaceAll('`', '')).map((name) => [name, cells] as const),
    );
    const all = [...builtInGateways, ...(own ? [['your own', own] as const] : [])];
    expect(Object.fromEntries(rows)).toEqual(
      Object.fromEntries(all.map(([name, gateway]) => [name, cellsOf(gateway)])),
    );
  });
});

function cellsOf(gateway: Gateway): string[] {
  const commands = ['chat', 'image', 'video', 'search', 'models'] as const;
  return [...commands.map((name) => (abilities[name](gateway) ? '✓' : '–')), costOf(gateway)];
}

function costOf(gateway: Gateway): string {
  if (abilities.cost(gateway)) return 'exact';
  if (abilities.prices(gateway)) return 'by list';
  return gateway.media.video?.prices ? 'videos by list' : 'unknown';
}
