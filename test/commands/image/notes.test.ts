import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  draw,
  expectFailed,
  expectOneFile,
  namesIn,
  records,
  resume,
} from '../../helpers/image.ts';
import {
  completed,
  inline,
  json,
  picture,
  result,
  state,
  taskId,
} from '../../helpers/image-replies.ts';

describe('after image', () => {
  test('one line tells usage, model and cost, which nobody knows', async () => {
    const { world } = await draw();
    expect(world.err().match(/^\[usage\].*$/gm)).toEqual([
      '[usage] prompt=8 completion=272 total=280 model=gpt-image-2 cost=unknown',
    ]);
    expect(world.err()).not.toContain('$0');
  });

  test('the model is the one that answered', async () => {
    const body = { ...result(inline(picture())), model: 'gpt-image-2-2026-04' };
    const { world } = await draw({ poll: json(200, body) });
    expect(world.err()).toContain('model=gpt-image-2-2026-04');
  });

  test.each([undefined, null, [], 'many', {}])('usage %j is unknown', async (usage) => {
    const { code, world } = await draw({
      poll: json(200, { ...result(inline(picture())), usage }),
    });
    expect(code, world.err()).toBe(0);
    expect(world.err()).toContain('prompt=unknown completion=unknown total=unknown');
  });

  test('-q says nothing', async () => {
    const { code, world } = await draw({}, ['-q', 'A cat']);
    expect(code).toBe(0);
    expect(world.err()).toBe('');
    expect(world.out()).toMatch(/\.png\n$/);
  });

  test('-v adds the request id', async () => {
    const { world } = await draw({}, ['-v', 'A cat']);
    expect(world.err()).toContain('req-create');
  });

  test('--debug adds the requests without the key', async () => {
    const { world } = await draw({}, ['--debug', 'A cat']);
    expect(world.err()).toMatch(/POST .*\/images\/generations\/async/);
    expect(world.err()).toContain('Bearer ***');
  });
});

describe('image --no-journal', () => {
  test('keeps no record, and no litter', async () => {
    const { code, world } = await draw({}, ['--no-journal', '-o', 'cat.png', 'A cat']);
    expect(code, world.err()).toBe(0);
    expect(records(world)).toEqual([]);
    expect(namesIn(world.home)).toEqual(['cat.png']);
  });

  test('still writes the books', async () => {
    const { world } = await draw({}, ['--no-journal', 'A cat']);
    expect(world.ledger()).toHaveLength(2);
  });

  test('says how to come back when the wait is over', async () => {
    const drawn = await draw({ poll: state('queued') }, ['--no-journal', '--wait', '3', 'A cat']);
    expectFailed(drawn, {
      exit: 45,
      name: 'still_running',
      hint: /without a journal|tasks resume igen_/,
      billed: 'unknown',
    });
    drawn.gateway.script.poll = completed(inline(picture()));
    const later = await resume(drawn.world, drawn.gateway, [taskId]);
    expect(later.code, later.world.err()).toBe(0);
    expectOneFile(later.world);
  });

  test('a result that cannot be decoded stays beside the target, and is named', async () => {
    const drawn = await draw({ poll: completed({ b64_json: 'AAAA' }) }, ['--no-journal', 'A cat']);
    expect(drawn.code).toBe(41);
    const kept = /saved in (\S+\.body)/.exec(drawn.world.err())?.[1] ?? '';
    expect(existsSync(kept)).toBe(true);
  });
});
