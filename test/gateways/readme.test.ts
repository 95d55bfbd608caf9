import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { abilities, builtInGateways, gatewayTemplates } from '../../src/gateways/index.ts';
import type { Gateway } from '../../src/gateways/types.ts';

const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');

/** The cells behind the name for -g, in the rows under this head, by that name. */
function tableUnder(head: string): Record<string, string[]> {
  const lines = readme.split('\n');
  const start = lines.findIndex((line) => line.replace(/\s+/g, ' ').startsWith(head));
  const end = lines.findIndex((line, at) => at > start && !line.startsWith('|'));
  const rows = lines.slice(start + 2, end).map((line) => line.split('|').slice(1, -1));
  return Object.fromEntries(
    rows.map(([_label, name = '', ...cells]) => [
      name.replaceAll('`', '').trim(),
      cells.map((cell) => cell.trim()),
    ]),
  );
}

function cellsOf(gateway: Gateway): string[] {
  const commands = ['chat', 'image', 'video', 'search', 'models'] as const;
  return [...commands.map((name) => (abilities[name](gateway) ? '✓' : '–')), costOf(gateway)];
}

function keyOf({ keyVariable }: Gateway): string {
  return keyVariable === null ? 'none' : `\`${keyVariable}\``;
}

function costOf(gateway: Gateway): string {
  if (abilities.cost(gateway)) return 'exact';
  if (abilities.prices(gateway)) return 'by list';
  return gateway.media.video?.prices ? 'videos by list' : 'unknown';
}

test('README says what works where, as the program has it', () => {
  const own = gatewayTemplates.get('openai');
  expect(tableUnder('| gateway | `-g` | key | chat | image | video | search | models |')).toEqual(
    Object.fromEntries([
      ...[...builtInGateways].map(([name, gateway]) => [
        name,
        [keyOf(gateway), ...cellsOf(gateway)],
      ]),
      ['your own', ['as the config says', ...(own ? cellsOf(own) : [])]],
    ]),
  );
});
