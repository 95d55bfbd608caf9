import { describe, expect, test } from 'vitest';
import { errorDocument } from '../../../src/base/error-document.ts';
import { CliError, type ExitName } from '../../../src/base/errors.ts';
import { nameTimeout, timeIsUp } from '../../../src/frontends/mcp/out-of-time.ts';
import { tools } from '../../../src/frontends/mcp/tools.ts';
import type { ErrorDocument } from '../../../src/schemas/common.ts';
import type { ToolName } from '../../../src/schemas/tools.ts';

function toolOf(name: ToolName) {
  const tool = tools.find((one) => one.name === name);
  if (tool === undefined) throw new Error(name);
  return tool;
}

function stopped(
  more: Partial<ErrorDocument>,
  exit: ExitName = 'sigint',
  job = 'job_1' as unknown,
) {
  const error = {
    ...errorDocument(new CliError(exit, `${timeIsUp().message}; kept in x`)),
    ...more,
  };
  return { ok: false, exit: 130, job_id: job, error, tasks: [{ job_id: job, error }] };
}

describe('a call that was stopped because its time was up', () => {
  test.each([
    ['alltoken_models', { billed: 'no' }, 'timeout', 33],
    ['alltoken_image_fetch', { billed: 'no' }, 'timeout', 33],
    ['alltoken_image_fetch', { billed: 'unknown' }, 'outcome_unknown', 46],
    ['alltoken_chat', { billed: 'no' }, 'timeout', 33],
    ['alltoken_chat', { billed: 'unknown' }, 'outcome_unknown', 46],
    ['alltoken_image', { billed: 'unknown' }, 'outcome_unknown', 46],
    ['alltoken_image', { billed: 'unknown', task_id: 'igen_1' }, 'still_running', 45],
    ['alltoken_video_fetch', { billed: 'unknown', task_id: 'vgen_1' }, 'still_running', 45],
  ] as const)('%s %j is %s (%i), and no signal', (name, more, wanted, exit) => {
    const document = nameTimeout(stopped(more, 'sigint', null), toolOf(name));
    const message = 'no answer in the time of a call; kept in x';
    const error = { name: wanted, exit, billed: more.billed, message };
    expect(document).toMatchObject({ exit, job_id: null, error, tasks: [{ error }] });
    expect(JSON.stringify(document)).not.toMatch(/sigint/i);
  });

  test('may have been bought when it had a job, whatever the stop says', () => {
    const document = nameTimeout(stopped({ billed: 'no' }), toolOf('alltoken_video_submit'));
    const error = { name: 'outcome_unknown', exit: 46, billed: 'unknown' };
    expect(document).toMatchObject({ exit: 46, job_id: 'job_1', error });
  });

  test('keeps another failure as it is', () => {
    const document = stopped({}, 'partial');
    expect(nameTimeout(document, toolOf('alltoken_chat'))).toMatchObject({
      error: { name: 'partial' },
    });
  });
});
