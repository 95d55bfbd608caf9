import { describe, expect, test } from 'vitest';
import { draw, expectFailed, expectOneFile, records, resume } from '../../helpers/image.ts';
import {
  completed,
  inline,
  json,
  picture,
  result,
  state,
  taskId,
} from '../../helpers/image-replies.ts';

const done = completed(inline(picture()));

describe('the state of a task in any spelling', () => {
  const finished = ['completed', 'COMPLETED', 'Succeeded', 'SUCCESS', ' done ', 'succeeded'];
  test.each(finished)('%j is the end, with a result', async (status) => {
    const body = { ...result(inline(picture())), status };
    const { code, world } = await draw({ poll: json(200, body) });
    expect(code, world.err()).toBe(0);
    expectOneFile(world);
    expect(world.err()).not.toContain('warning');
  });

  const running = [
    'queued',
    'pending',
    'Created',
    'submitted',
    'processing',
    'running',
    'in_progress',
    'In Progress',
    'IN-PROGRESS',
    'generating',
    'cancelling',
    'Canceling',
  ];
  test.each(running)('%j goes on, without a warning', async (status) => {
    const { code, world } = await draw({ poll: [state(status), done] });
    expect(code, world.err()).toBe(0);
    expectOneFile(world);
    expect(world.err()).not.toContain('warning');
  });

  const over: [string, string, RegExp][] = [
    ['failed', 'failed', /the task failed/],
    ['FAILED', 'failed', /the task failed/],
    ['error', 'failed', /the task failed/],
    ['cancelled', 'cancelled', /was cancelled/],
    ['canceled', 'cancelled', /was cancelled/],
    ['Expired', 'expired', /expired on the server/],
  ];
  test.each(over)('%j: 44, and it is over', async (word, status, message) => {
    const drawn = await draw({ poll: [state('processing'), state(word)] }, ['--json', 'A cat']);
    expectFailed(drawn, { exit: 44, name: 'task_failed', message, billed: 'unknown', taskId });
    expect(drawn.world.json()).toMatchObject({ status, files: [] });
    expect(records(drawn.world)).toMatchObject([{ state: 'ended' }]);
    expect(drawn.gateway.to('poll')).toHaveLength(2);
  });
});

describe('a state that nobody knows', () => {
  test('is taken as still running, with one warning for each', async () => {
    const polls = ['warming_up', 'warming_up', 'warming_up', 'cooling', 'warming_up'].map((word) =>
      state(word),
    );
    const { code, world } = await draw({ poll: [...polls, done] });
    expect(code, world.err()).toBe(0);
    expectOneFile(world);
    const warnings = world.err().match(/^warning: .*$/gm) ?? [];
    expect(warnings).toHaveLength(2);
    expect(warnings[0]).toContain('warming_up');
  });

  test.each([undefined, null, '', 7, true, {}, ['completed']])('%j as well', async (status) => {
    const { code, world } = await draw({ poll: [json(200, { id: taskId, status }), done] });
    expect(code, world.err()).toBe(0);
    expect(world.err().match(/^warning: /gm)).toHaveLength(1);
  });

  test.each(['constructor', '__proto__', 'toString'])('%s is no state', async (word) => {
    const { code, world } = await draw({ poll: [state(word), done] });
    expect(code, world.err()).toBe(0);
    expect(world.err().match(/^warning: /gm)).toHaveLength(1);
  });

  test('with control characters shows none of them', async () => {
    const { world } = await draw({ poll: [state('a\u001b]0;x\u0007\u202eb'), done] });
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
    expect(world.err()).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/);
  });

  test('does not run for ever with --wait', async () => {
    const drawn = await draw({ poll: state('limbo') }, ['--wait', '20', '--json', 'A cat']);
    expectFailed(drawn, { exit: 45, name: 'still_running', billed: 'unknown', taskId });
  });
});

describe('each change of state', () => {
  test('is one line on stderr where that is no terminal', async () => {
    const polls = ['queued', 'queued', 'processing', 'processing', 'processing'];
    const { world } = await draw({ poll: [...polls.map((word) => state(word)), done] });
    const lines = world
      .err()
      .split('\n')
      .filter((line) => line.startsWith(taskId));
    expect(lines.slice(1)).toEqual([
      `${taskId} queued`,
      `${taskId} running`,
      `${taskId} succeeded`,
    ]);
  });
});

describe('a task that failed', () => {
  const failed = (code: string, message = 'it went wrong') =>
    state('failed', { error: { code, message } });

  test('says why: 44, with a hint that it may be billed', async () => {
    const drawn = await draw({ poll: failed('upstream_timeout') }, ['--json', 'A cat']);
    expectFailed(drawn, {
      exit: 44,
      name: 'task_failed',
      code: 'upstream_timeout',
      message: /it went wrong/,
      hint: /usage/,
      billed: 'unknown',
      taskId,
    });
  });

  test.each(['upstream_content_violation', 'content_policy_violation', 'content_filter'])(
    '%s: 26',
    async (code) => {
      const drawn = await draw({ poll: failed(code) }, ['--json', 'A cat']);
      expectFailed(drawn, {
        exit: 26,
        name: 'refused',
        code,
        hint: /prompt/,
        billed: 'unknown',
        taskId,
      });
    },
  );

  test('is told again by resume, without asking', async () => {
    const before = await draw({ poll: failed('upstream_timeout') });
    const asked = before.gateway.ofJobs().length;
    const later = await resume(before.world, before.gateway, [taskId, '--json']);
    expectFailed(later, {
      exit: 44,
      name: 'task_failed',
      code: 'upstream_timeout',
      billed: 'unknown',
    });
    expect(before.gateway.ofJobs()).toHaveLength(asked);
  });

  test.each([undefined, null, 'plain words', {}, { message: null }, { code: 7 }, []])(
    'error %j is no riddle',
    async (error) => {
      const drawn = await draw({ poll: state('failed', { error }) }, ['--json', 'A cat']);
      expectFailed(drawn, { exit: 44, name: 'task_failed', billed: 'unknown' });
    },
  );

  test('with a result that has expired: 43', async () => {
    const body = { ...result(), is_expired: true };
    const drawn = await draw({ poll: json(200, body) }, ['--json', 'A cat']);
    expectFailed(drawn, { exit: 43, name: 'expired', hint: /a new run/, billed: 'yes' });
  });
});
