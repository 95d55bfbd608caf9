/** The pictures of README.md show what the program prints; `npm run picture` draws them. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { page } from '../helpers/documents.ts';
import { root } from '../helpers/executable.ts';
import { fakeDeps } from '../helpers/fake-deps.ts';

const names = ['docs/images/terminal-light.svg', 'docs/images/terminal-dark.svg'];

/** The text of a picture, without regard to where its lines are broken. */
function textOf(name: string): string {
  const svg = readFileSync(join(root, name), 'utf8');
  const texts = [...svg.matchAll(/<text [^>]*>([^<]*)<\/text>/g)].map(([, text = '']) => text);
  return texts
    .join(' ')
    .replace(/&quot;/g, '"')
    .replace(/&amp;/g, '&')
    .replace(/\s+/g, ' ');
}

test.each(names)('README.md shows %s', (name) => {
  expect(page('README.md').text).toContain(name);
});

test('both show the same, and what a call prints now', async () => {
  const [light = '', dark] = names.map(textOf);
  expect(light).toBe(dark);
  const world = fakeDeps();
  expect(await world.run('chat', '-g', 'sandbox', 'Why is the sky blue?')).toBe(0);
  for (const printed of [world.out(), world.err()])
    expect(light).toContain(printed.trim().replace(/\s+/g, ' '));
});
