import { readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { History } from '../../../src/frontends/conversation/history.ts';
import { files } from '../../../src/system/files.ts';
import { temporaryFolder } from '../../helpers/executable.ts';

const MB = 1024 ** 2;

test('a file that has become too large keeps its end, and is short again', async () => {
  const file = path.join(temporaryFolder(), 'chat-history.jsonl');
  // Characters of three bytes: what is remembered of one message is up to 48 KB.
  const long = JSON.stringify('語'.repeat(10_000));
  writeFileSync(file, `${`${long}\n`.repeat(600)}"old"\n"new"\n`);
  expect(statSync(file).size).toBeGreaterThan(16 * MB);
  const history = new History(file, { files, path });
  await history.load();
  expect(history.entries.slice(0, 2)).toEqual(['new', 'old']);
  expect(statSync(file).size).toBeLessThan(16 * MB);
  expect(readFileSync(file, 'utf8').endsWith('"old"\n"new"\n')).toBe(true);
});

test.each([
  ['one line without an end', Buffer.alloc(17 * MB, 'x')],
  ['zeros', Buffer.alloc(17 * MB)],
  ['half a character', Buffer.from([0x22, 0xe8, 0xaa])],
])('a file of %s is no history', async (_name, bytes) => {
  const file = path.join(temporaryFolder(), 'chat-history.jsonl');
  writeFileSync(file, bytes);
  const history = new History(file, { files, path });
  await history.load();
  expect(history.entries).toEqual([]);
  await history.add('first');
  const again = new History(file, { files, path });
  await again.load();
  expect(again.entries).toEqual(['first']);
});
