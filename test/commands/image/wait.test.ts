import { describe, expect, test } from 'vitest';
import {
  type Drawn,
  draw,
  drawAt,
  expectFailed,
  expectOneFile,
  records,
  resume,
} from '../../helpers/image.ts';
import { startImageGateway } from '../../helpers/image-gateway.ts';
import {
  completed,
  errorReply,
  inline,
  picture,
  processing,
  redirectTo,
  state,
  taskId,
} from '../../helpers/image-replies.ts';

const done = completed(inline(picture()));

describe('404 while polling', () => {
  const missing = errorReply(404, 'not_found');

  test('right after the create is not believed at once', async () => {
    const drawn = await draw({ poll: [missing, missing, missing, done] });
    expect(drawn.code, drawn.world.err()).toBe(0);
    expectOneFile(drawn.world);
  });

  test('for ever: 45, the record stays', async () => {
    const drawn = await draw({ poll: missing }, ['--json', 'A cat']);
    expectFailed(drawn, {
      exit: 45,
      name: 'still_running',
      code: 'not_found',
      hint: /tasks resume/,
      billed: 'unknown',
      taskId,
    });
    expect(drawn.gateway.to('poll').length).toBeLessThan(10);
    expect(records(drawn.world)).toMatchObject([{ state: 'submitted' }]);
  });
});

describe('a gateway that will not talk to us while polling', () => {
  const refusals: [number, string][] = [
    [401, 'invalid_api_key'],
    [403, 'forbidden'],
    [400, 'invalid_request'],
  ];
  test.each(refusals)(
    '%d %s: 45, because the same command would buy again; the task stays on record',
    async (status, code) => {
      const drawn = await draw({ poll: [processing(), errorReply(status, code)] }, [
        '--json',
        'A cat',
      ]);
      expectFailed(drawn, {
        exit: 45,
        name: 'still_running',
        code,
        hint: new RegExp(`alltoken tasks resume ${taskId}`),
        billed: 'unknown',
        taskId,
      });
      expect(drawn.gateway.to('poll')).toHaveLength(2);
      expect(records(drawn.world)).toMatchObject([{ state: 'submitted', task_id: taskId }]);
      expect(drawn.world.ledger().at(-1)).toMatchObject({ exit: 45, billed: 'unknown' });
    },
  );

  test('401: the hint names the key first, and resume works once it is mended', async () => {
    const drawn = await draw({ poll: errorReply(401, 'invalid_api_key') });
    expect(drawn.world.err()).toMatch(/^hint: fix the key, then: alltoken tasks resume igen_/m);
    drawn.gateway.script = { poll: done };
    const later = await resume(drawn.world, drawn.gateway);
    expect(later.code, later.world.err()).toBe(0);
    expectOneFile(later.world);
  });

  test('a redirect is not followed: the key stays here', async () => {
    const gateway = await startImageGateway();
    gateway.script.poll = redirectTo(gateway.fileUrl('trap'));
    const drawn: Drawn = await drawAt(gateway, ['--json', 'A cat']);
    expectFailed(drawn, { exit: 41, name: 'protocol', code: 'redirect', billed: 'unknown' });
    expect(gateway.to('file')).toEqual([]);
  });
});

describe('image --wait', () => {
  test('ends with 45, the id and the line that comes back', async () => {
    const drawn = await draw({ poll: state('processing') }, ['--wait', '5', '--json', 'A cat']);
    expectFailed(drawn, {
      exit: 45,
      name: 'still_running',
      hint: new RegExp(`^hint: alltoken tasks resume ${taskId}$`),
      billed: 'unknown',
      taskId,
    });
    expect(drawn.world.json()).toMatchObject({ task_id: taskId, status: expect.any(String) });
    const slept = drawn.world.sleeps.reduce((sum, ms) => sum + ms, 0);
    expect(slept).toBeLessThanOrEqual(5000);
    expect(slept).toBeGreaterThan(4000);
    expect(drawn.world.ledger().at(-1)).toMatchObject({
      exit: 45,
      billed: 'unknown',
      task_id: taskId,
    });
  });

  test('0 asks nothing and keeps the task', async () => {
    const drawn = await draw({}, ['--wait', '0', 'A cat']);
    expect(drawn.code).toBe(45);
    expect(records(drawn.world)).toMatchObject([{ state: 'submitted', task_id: taskId }]);
  });

  test('that is long enough changes nothing', async () => {
    const { code, world } = await draw({}, ['--wait', '60', 'A cat']);
    expect(code).toBe(0);
    expectOneFile(world);
  });

  test('then resume --wait, then resume: one create in all', async () => {
    const before = await draw({ poll: state('processing') }, ['--wait', '5', '-o', 'cat.png', 'A']);
    const again = await resume(before.world, before.gateway, [taskId, '--wait', '5']);
    expect(again.code, again.world.err()).toBe(45);
    before.gateway.script = { poll: done };
    const last = await resume(before.world, before.gateway, [taskId]);
    expect(last.code, last.world.err()).toBe(0);
    expect(expectOneFile(last.world)).toMatch(/\/cat\.png$/);
    expect(before.gateway.to('create')).toHaveLength(1);
  });
});
