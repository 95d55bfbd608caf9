import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { configFields } from '../helpers/config-fields.ts';
import { root } from '../helpers/executable.ts';

test('each field of the config is named where something is done with it', () => {
  const src = join(root, 'src');
  const text = readdirSync(src, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.startsWith('schemas'))
    .map((name) => readFileSync(join(src, name), 'utf8'))
    .join('\n');
  const words = new Set(text.match(/\w+/g));
  const unread = configFields().filter((path) => {
    const [name = ''] = path.replace('.<name>', '').split('.').slice(-1);
    return !words.has(name);
  });
  expect(unread).toEqual([]);
});
