import { describe, expect, test } from 'vitest';
import { errorDocument } from '../../../src/base/error-document.ts';
import { CliError } from '../../../src/base/errors.ts';
import { asObject } from '../../../src/base/json.ts';
import { adviceOn } from '../../../src/frontends/mcp/advice.ts';
import { tools } from '../../../src/frontends/mcp/tools.ts';
import { call, dataOf, type Host, openHost, textsOf } from '../../helpers/mcp.ts';

function hostWith(fault: string, ...flags: string[]): Promise<Host> {
  const env = { ALLTOKEN_SANDBOX_FAULT: fault };
  return openHost(['-g', 'sandbox', '-o', 'out', ...flags], { env });
}

/** What one call says: its words, and the error in its data. */
async function failureOf(host: Host, name: string, input: Record<string, unknown>) {
  const result = await call(host, name, input);
  const data = dataOf(result);
  return { isError: result.isError, text: textsOf(result)[0] ?? '', error: asObject(data.error) };
}

const later = 'Try once more later; if it fails again, tell the user.';

describe('a fetch that fails', () => {
  test('for good is not called again at once', async () => {
    const faults = [
      ['dead-url', 'dead_url'],
      ['unsafe-url', 'unsafe_url'],
      ['no-result', 'no_result'],
    ] as const;
    const calls = faults.map(async ([fault, code]) => {
      const host = await hostWith(fault);
      const { task_id } = dataOf(await call(host, 'alltoken_video_submit', { prompt: 'A boat' }));
      const { text, error } = await failureOf(host, 'alltoken_video_fetch', { task_id });
      expect(error).toMatchObject({ code, hint: expect.stringMatching(/^try once more later/) });
      expect(text).toMatch(/\nIt was billed; do not order it again\. Try once more later; [^\n]*$/);
      expect(text.split('\n')).toHaveLength(2);
      expect(text).not.toContain('alltoken_video_fetch');
    });
    await Promise.all(calls);
  });

  test('for good when its time is up as well is not still running', () => {
    const tool = tools.find(({ name }) => name === 'alltoken_video_fetch');
    if (tool === undefined) throw new Error('no such tool');
    const details = { code: 'no_result', billed: 'yes', taskId: 'vgen_1' } as const;
    const error = errorDocument(new CliError('protocol', 'no result', details));
    const outcome = { document: { error }, outOfTime: true };
    const { words: text } = adviceOn(error, outcome, { tool, given: {} }, { callTimeout: 50 });
    expect(text).toMatch(/^protocol \(exit 41\): no result\.\n/);
    expect(text).toContain(later);
  });

  test('without an id of the gateway says that it may have been billed', async () => {
    const host = await hostWith('html');
    const { job_id } = dataOf(await call(host, 'alltoken_image', { prompt: 'A boat' }));
    const { text, error } = await failureOf(host, 'alltoken_image_fetch', { task_id: job_id });
    expect(error).toMatchObject({ name: 'protocol', billed: 'unknown', task_id: null });
    expect(text).toContain(`\nIt may have been billed; do not order it again. ${later}`);
    expect(`${text} ${error?.hint}`).not.toContain('alltoken_image_fetch');
  });
});

describe('an order without an answer', () => {
  test('is looked for once, and no host has to time a minute', async () => {
    const host = await hostWith('hang', '--call-timeout', '5');
    const order = await call(host, 'alltoken_image', { prompt: 'A boat' });
    const { job_id, error: first } = dataOf(order);
    const fetch = `all alltoken_image_fetch with task_id "${job_id}"`;
    expect(textsOf(order)[0]).toContain(`C${fetch} at once`);
    expect(asObject(first)?.hint).toBe(`c${fetch}`);
    const { text, error } = await failureOf(host, 'alltoken_image_fetch', { task_id: job_id });
    expect(error).toMatchObject({ name: 'outcome_unknown', exit: 46, billed: 'unknown' });
    expect(text).toContain('Do not order it again: it may have been bought.');
    expect(`${text} ${error?.hint}`).not.toMatch(/a minute|alltoken_image_fetch|hint:/);
  });

  test('is as unknown when the fetch that asks for it again, once, is lost too', async () => {
    const host = await hostWith('lost-reply');
    const { job_id } = dataOf(await call(host, 'alltoken_image', { prompt: 'A boat' }));
    const { text, error } = await failureOf(host, 'alltoken_image_fetch', { task_id: job_id });
    expect(error).toMatchObject({ exit: 46, retryable: false });
    expect(text).toMatch(/^outcome_unknown \(exit 46\): /);
    expect(text).toContain('Tell the user to look at their usage at the gateway.');
  });
});
