import { describe, expect, test } from 'vitest';
import { errorDocument } from '../../../src/base/error-document.ts';
import { CliError, type ErrorDetails, type ExitName, exitCodes } from '../../../src/base/errors.ts';
import { asObject } from '../../../src/base/json.ts';
import { adviceOn } from '../../../src/frontends/mcp/advice.ts';
import { hintOf, nextOf } from '../../../src/frontends/mcp/next-tools.ts';
import { tools } from '../../../src/frontends/mcp/tools.ts';
import { toolNames } from '../../../src/schemas/tools.ts';
import { cutStream, envelope, lostReply } from '../../helpers/ask.ts';
import { call, dataOf, type Host, missingParts, openHost, openHostAt } from '../../helpers/mcp.ts';
import { chunk } from '../../helpers/server.ts';

const prompt = 'A boat';

/** One good call of each tool, in an order in which later ones find what earlier ones made. */
async function callAll(host: Host) {
  const results = new Map<string, Awaited<ReturnType<typeof call>>>();
  const take = async (name: string, input: Record<string, unknown>) => {
    const result = await call(host, name, input);
    results.set(name, result);
    return dataOf(result);
  };
  await take('alltoken_chat', { prompt });
  await take('alltoken_search', { query: prompt });
  const late = dataOf(await call(host, 'alltoken_image', { prompt, wait_seconds: 0 }));
  await take('alltoken_image', { prompt, count: 2, inline: true });
  await take('alltoken_image_fetch', { task_id: late.task_id });
  const { task_id } = await take('alltoken_video_submit', { prompt });
  await take('alltoken_video_status', { task_id });
  await take('alltoken_video_fetch', { task_id });
  await take('alltoken_jobs', {});
  await take('alltoken_models', { limit: 2 });
  await take('alltoken_cost', {});
  return results;
}

describe('the text and the data of a result say the same', () => {
  test('for each tool, when it succeeds', async () => {
    const host = await openHost(['-g', 'sandbox', '-o', 'out']);
    const results = await callAll(host);
    expect([...results.keys()].sort()).toEqual([...toolNames].sort());
    for (const [name, result] of results) {
      expect(result.isError, name).toBeUndefined();
      expect(missingParts(result), name).toEqual([]);
    }
    const ordered = dataOf(results.get('alltoken_video_submit') ?? { content: [] });
    const { task_id } = ordered;
    expect(ordered.next_call).toEqual({ tool: 'alltoken_video_fetch', arguments: { task_id } });
    expect(ordered.advice).toContain('Do not order it again');
    const answered = dataOf(results.get('alltoken_chat') ?? { content: [] });
    expect(answered.trust_note).toMatch(/^Untrusted/);
  });

  const replies = [
    ['no verdict', lostReply],
    ['half an answer', cutStream(chunk({ content: 'Half' }))],
    ['401', envelope(401, 'invalid_api_key')],
    ['402', envelope(402, 'insufficient_balance')],
    ['404', envelope(404, 'not_found')],
    ['400', envelope(400, 'content_policy_violation')],
    ['429', envelope(429, 'rate_limited')],
    ['500', envelope(500, 'upstream_error')],
  ] as const;
  test.each(replies)('for each tool, when the gateway answers with %s', async (_name, reply) => {
    const host = await openHostAt(reply, ['--max-retry-wait', '0']);
    const inputs: Record<string, Record<string, unknown>> = {
      alltoken_search: { query: prompt },
      alltoken_models: { id: 'nothing-9' },
      alltoken_cost: { since: 'x' },
      alltoken_image_fetch: { task_id: 'igen_0123456789', wait_seconds: 1 },
      alltoken_video_fetch: { task_id: 'vgen_0123456789', wait_seconds: 0 },
      alltoken_video_status: { task_id: 'vgen_0123456789' },
    };
    const calls = toolNames.map(async (name) => {
      const result = await call(host, name, inputs[name] ?? { prompt });
      const { advice, error } = dataOf(result);
      expect(missingParts(result), name).toEqual([]);
      if (name !== 'alltoken_jobs')
        expect(advice, name).toContain(String(asObject(error)?.name).replace('still_running', ''));
      return result.isError;
    });
    expect((await Promise.all(calls)).filter((failed) => failed === true).length).toBeGreaterThan(
      5,
    );
  });

  test('for each tool, when its input is refused, and for a limit on spending', async () => {
    const host = await openHost(['-g', 'sandbox', '--max-cost', '0.00000001']);
    for (const name of toolNames) {
      const refused = await call(host, name, { wibble: 1 });
      expect(missingParts(refused), name).toEqual([]);
    }
    for (const name of ['alltoken_chat', 'alltoken_image', 'alltoken_video_submit']) {
      const result = await call(host, name, { prompt });
      expect(missingParts(result), name).toEqual([]);
      const { advice, error, next_call } = dataOf(result);
      expect(advice).toContain('Stop here and tell the user');
      expect(asObject(error)?.hint).toMatch(/^stop here and tell the user/);
      const stop = { do: 'say', words: 'stop here and tell the user', for: 'user' };
      expect(asObject(error)?.next).toEqual(expect.arrayContaining([stop]));
      expect(next_call).toBeNull();
    }
  });
});

describe('where money is at stake, no part says to buy again', () => {
  const again = [
    { do: 'retry' },
    { do: 'retry', first: 'top up' },
    { do: 'use-model', model: 'x', command: 'image' },
    { do: 'set-flag', flag: '--max-tokens', value: '20' },
    { do: 'set-flag', flag: '--max-cost', why: 'allow more' },
    { do: 'leave-out', flag: '--seed' },
  ] as const;
  const names = Object.keys(exitCodes) as ExitName[];
  const cases = names.flatMap((exit) =>
    (['no', 'unknown', 'yes'] as const).map((billed) => [exit, billed] as const),
  );
  const flags = { color: true, callTimeout: 50 };
  test.each(cases)('%s, billed %s', (exit, billed) => {
    for (const step of again) {
      const details: ErrorDetails = { billed, next: [step], taskId: undefined };
      const error = errorDocument(new CliError(exit, 'm', details));
      const isMoney = exit === 'budget' || exit === 'balance';
      for (const tool of tools) {
        const given = { max_cost: '1' };
        const outcome = { document: { error, job_id: 'job_1' }, outOfTime: false };
        const { words, call: next } = adviceOn(error, outcome, { tool, given }, flags);
        const hint = hintOf(error, tool, given);
        const steps = nextOf(error, tool, given);
        const buys = tools.filter(({ paid }) => paid).map(({ name }) => name as string);
        expect(buys).not.toContain(next?.tool);
        if (isMoney) {
          expect(hint).toMatch(/^stop here and tell the user/);
          expect(steps[0]).toMatchObject({ do: 'say', for: 'user' });
          expect(words).toMatch(/tell the user|top up/i);
        }
        if (isMoney || (tool.paid && billed !== 'no'))
          for (const { do: what, first } of steps)
            if (what !== 'say') expect(first).toMatch(/ask the user|top up/);
      }
    }
  });
});
