import { existsSync, readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { expectFiles, expectNoFile } from '../helpers/kill-judge.ts';
import { since, telling } from '../helpers/kill-points.ts';
import { testInTurns } from '../helpers/kill-tests.ts';
import { filesIn } from '../helpers/kill-world.ts';

const QUESTION = 'send GET /v1/images/generations/id';

const picture = {
  argv: ['image', '-o', 'cat.png', 'A cat'],
  goods: { kind: 'image', stored: false },
  names: [/^cat\.png$/],
} as const;

const printed = {
  argv: ['image', '-o', '-', 'A cat'],
  goods: { kind: 'image' },
  names: [],
} as const;

await testInTurns([
  {
    title: 'a picture that is told once and has no address',
    scenario: picture,
    choose: (deaths) =>
      telling(since(QUESTION, since('head GET /v1/images/generations/id', deaths)).slice(0, 16)),
    judge: (world, { name, how }, end) => {
      expect(end.posts).toEqual({ before: 1, now: 0 });
      const asked = name === QUESTION && how === 'after';
      const told = name.startsWith('head ') || name === 'open home/tasks/job.reply';
      const half = name === 'write home/tasks/job.reply' && how === 'torn';
      if (asked && end.exit === 0) return expectFiles(world, picture);
      if (!asked && !told && !half) {
        expect(end).toMatchObject({ exit: 0 });
        return expectFiles(world, picture);
      }
      // What the gateway told a process that died is nowhere any more, but for the half that had come.
      expect(end).toMatchObject({ exit: 42 });
      expect(end.stderr).toContain('image_already_retrieved');
      expect(filesIn(world)).toEqual([]);
      const kept = / saved in (\S+\.half)/.exec(end.stderr)?.[1] ?? '';
      expect(existsSync(kept)).toBe(half);
      if (half)
        expect(readFileSync(kept, 'utf8')).toMatch(/^\{"id":"igen_.*"b64_json":"iVBORw0KGgo/);
    },
  },
  {
    title: 'a picture for standard output',
    scenario: printed,
    choose: (deaths) => telling(since('rename home/tasks/job.body', deaths)),
    judge: (world, _death, end, killed) => {
      expect(end).toMatchObject({ exit: 0, posts: { before: 1, now: 0 } });
      const isOut = world.gateway.goods[0]?.equals(killed.stdout) ?? false;
      if (isOut && filesIn(world).length === 0) expectNoFile(world);
      else expectFiles(world, { ...printed, names: [/^alltoken-image-\w{8}\.png$/] });
    },
  },
]);
