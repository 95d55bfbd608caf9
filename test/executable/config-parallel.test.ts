import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runExecutable, temporaryFolder } from '../helpers/executable.ts';

test('of several processes that change the config none takes back what another has written', async () => {
  const home = temporaryFolder();
  const names = ['day', 'month', 'tags.a.day', 'tags.b.day', 'tags.c.day', 'tags.d.day'];
  const ended = await Promise.all(
    names.map((name) => runExecutable(['config', 'set', `budget.${name}`, '1'], { home })),
  );
  expect(ended.map(({ code, stderr }) => [code, stderr])).toEqual(names.map(() => [0, '']));
  expect(JSON.parse(readFileSync(join(home, 'config.json'), 'utf8'))).toEqual({
    budget: {
      ...{ day: '1', month: '1' },
      tags: { a: { day: '1' }, b: { day: '1' }, c: { day: '1' }, d: { day: '1' } },
    },
  });
});
