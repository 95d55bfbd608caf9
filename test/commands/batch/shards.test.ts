import { describe, expect, test } from 'vitest';
import { openBatch, someLines } from '../../helpers/batch.ts';

const parts = [0, 1, 2, 3];

describe('--shard', () => {
  test('the parts are all lines, each once, and their outputs join', async () => {
    const world = await openBatch();
    world.input(...someLines(40), { prompt: 'no id' });
    for (const part of parts) {
      const ran = await world.batch('--shard', `${part}/4`, '--json');
      expect(ran.code).toBe(0);
      expect(JSON.parse(ran.out)).toMatchObject({ shard: { index: part, count: 4 } });
    }
    const outputs = parts.map((part) => world.lines(`out.${part}-of-4.jsonl`));
    for (const output of outputs) expect(output.length).toBeGreaterThan(3);
    const ids = outputs.flat().map(({ custom_id: id }) => id);
    expect(ids).toHaveLength(41);
    expect(new Set(ids).size).toBe(41);
    expect(world.chats()).toHaveLength(41);
  });

  test.each([
    [
      'Slurm',
      { SLURM_ARRAY_TASK_ID: '3', SLURM_ARRAY_TASK_COUNT: '4', SLURM_ARRAY_TASK_MIN: '1' },
      'auto',
      2,
    ],
    [
      'Slurm with a step',
      {
        SLURM_ARRAY_TASK_ID: '4',
        SLURM_ARRAY_TASK_COUNT: '4',
        SLURM_ARRAY_TASK_MIN: '0',
        SLURM_ARRAY_TASK_STEP: '2',
      },
      'auto',
      2,
    ],
    ['GitLab', { CI_NODE_INDEX: '4', CI_NODE_TOTAL: '4' }, 'auto', 3],
    ['CircleCI', { CIRCLE_NODE_INDEX: '0', CIRCLE_NODE_TOTAL: '4' }, 'auto', 0],
    ['Kubernetes', { JOB_COMPLETION_INDEX: '1' }, 'auto/4', 1],
  ])('auto reads the environment of %s', async (_name, env, shard, index) => {
    const world = await openBatch(undefined, { env });
    world.input(...someLines(20));
    const ran = await world.batch('--shard', shard, '--dry-run', '--json');
    expect(JSON.parse(ran.out).shard).toEqual({ index, count: 4 });
  });

  test.each([
    ['auto', {}, 'none of SLURM_ARRAY_TASK_ID'],
    ['auto', { JOB_COMPLETION_INDEX: '1' }, 'give it: --shard auto/<n>'],
    ['4/4', {}, 'part 4 is not one of 0 to 3'],
    ['1', {}, 'expected i/n'],
    ['0/0', {}, 'expected 1 to'],
    ['auto', { CI_NODE_INDEX: '0', CI_NODE_TOTAL: '4' }, 'part -1 is not'],
  ])('%s in %j is 2', async (shard, env, words) => {
    const world = await openBatch(undefined, { env });
    world.input(...someLines(2));
    const ran = await world.batch('--shard', shard);
    expect([ran.code, ran.err]).toEqual([2, expect.stringContaining(words)]);
  });

  test('a part without lines is done', async () => {
    const world = await openBatch();
    world.input(...someLines(1));
    const codes = await Promise.all(['0/2', '1/2'].map((shard) => world.batch('--shard', shard)));
    expect(codes.map(({ code }) => code)).toEqual([0, 0]);
    expect(world.chats()).toHaveLength(1);
  });
});
