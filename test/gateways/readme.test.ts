import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { abilities, builtInGateways, gatewayTemplates } from '../../src/gateways/index.ts';
import type { Gateway } from '../../src/gateways/types.ts';

const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');

/** The cells of the rows under this head, by the first cell. */
function tableUnder(head: string): Record<string, string[]> {
  const lines = readme.split('\n');
  const start = lines.findIndex((line) => line.replace(/\s+/g, ' ').startsWith(head));
  const end = lines.findIndex((line, at) => at > start && !line.startsWith('|'));
  const rows = lines.slice(start + 2, end).map((line) => line.split('|').slice(1, -1));
  return Object.fromEntries(
    rows.map(([name = '', ...cells]) => [
      name.replaceAll('`', '').trim(),
      cells.map((cell) => cell.trim()),
    ]),
  );
}

function cellsOf(gateway: Gateway): string[] {
  const commands = ['chat', 'image', 'video', 'search', 'models'] as const;
  return [
    gateway.keyVariable === null ? 'none' : `\`${gateway.keyVariable}\``,
    ...commands.map((name) => (abilities[name](gateway) ? '✓' : '–')),
    costOf(gateway),
  ];
}

function costOf(gateway: Gateway): string {
  if (abilities.cost(gateway)) return 'exact';
  if (abilities.prices(gateway)) return 'by list';
  return gateway.media.video?.prices ? 'videos by list' : 'unknown';
}

test('README says what works where, as the program has it', () => {
  const own = gatewayTemplates.get('openai');
  const all = [...builtInGateways, ...(own ? [['your own', own] as const] : [])];
  expect(tableUnder('| `-g` | chat | image | video | search | models |')).toEqual(
    Object.fromEntries(all.map(([name, gateway]) => [name, cellsOf(gateway)])),
  );
});
