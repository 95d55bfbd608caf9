import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { whole } from '../../helpers/ask.ts';
import { call, dataOf, openHost, openHostAt, textsOf } from '../../helpers/mcp.ts';

function hostWith(fault: string) {
  const env = { ALLTOKEN_SANDBOX_FAULT: fault };
  return openHost(['-g', 'sandbox', '-o', 'out'], { env });
}

describe('a job that is not finished by its first call', () => {
  test('with a dead address is there at a later fetch', async () => {
    const host = await hostWith('dead-url:2');
    const { task_id } = dataOf(await call(host, 'alltoken_video_submit', { prompt: 'A boat' }));
    const result = await call(host, 'alltoken_video_fetch', { task_id });
    expect(dataOf(result).error).toMatchObject({ name: 'expired', code: 'dead_url' });
    expect(textsOf(result)[0]).not.toContain('is gone');
    const again = await call(host, 'alltoken_video_fetch', { task_id });
    expect(dataOf(again).ok, textsOf(again)[0]).toBe(true);
  });

  test('whose video was lost is taken up by the task that may be it', async () => {
    const host = await hostWith('lost-create:1');
    const lost = await call(host, 'alltoken_video_submit', { prompt: 'A boat', out: 'boat.mp4' });
    const [text = ''] = textsOf(lost);
    expect(text).toMatch(/^outcome_unknown \(exit 46\)/);
    const { job_id } = dataOf(lost);
    const [, adopt] = /call alltoken_video_fetch .*adopt "(vgen_\w+)"/.exec(text) ?? [];
    expect(text).toContain(`task_id "${job_id}"`);
    const fetched = await call(host, 'alltoken_video_fetch', { task_id: job_id, adopt });
    expect(fetched.isError, textsOf(fetched)[0]).toBeUndefined();
    expect(existsSync(join(host.world.home, 'out/boat.mp4'))).toBe(true);
  });

  test('whose video was lost without a trace is not sent round in a circle', async () => {
    const host = await openHostAt(whole(200, 'application/json', '{"data":[]}'));
    const lost = await call(host, 'alltoken_video_submit', { prompt: 'A boat' });
    const again = await call(host, 'alltoken_video_fetch', { task_id: dataOf(lost).job_id });
    expect(again.isError).toBe(true);
    expect(textsOf(again)[0]).not.toContain('Call alltoken_video_fetch');
    expect(textsOf(again)[0]).toContain('Tell the user');
  });

  test('whose order was answered with nonsense is come back to', async () => {
    const host = await openHostAt(whole(200, 'application/json', '{"what":"ever"}'));
    const result = await call(host, 'alltoken_image', { prompt: 'A boat' });
    expect(dataOf(result).error).toMatchObject({ name: 'protocol', billed: 'unknown' });
    const { job_id } = dataOf(result);
    expect(textsOf(result)[0]).toContain(`Call alltoken_image_fetch with task_id "${job_id}"`);
  });

  test('is fetched by two at once: the second waits for the first', async () => {
    const host = await openHost(['-g', 'sandbox', '-o', 'out']);
    const { task_id } = dataOf(await call(host, 'alltoken_video_submit', { prompt: 'A boat' }));
    const both = [1, 2].map(() => call(host, 'alltoken_video_fetch', { task_id, out: 'boat.mp4' }));
    for (const result of await Promise.all(both)) {
      expect(result.isError, textsOf(result)[0]).toBeUndefined();
      expect(dataOf(result)).toMatchObject({ ok: true, files: [{ mime: 'video/mp4' }] });
    }
  });

  test('is not asked for with the same words when there is no such task', async () => {
    const host = await openHost(['-g', 'sandbox', '-o', 'out']);
    for (const name of ['alltoken_image_fetch', 'alltoken_video_fetch']) {
      const result = await call(host, name, { task_id: 'vgen_0123456789' });
      expect(textsOf(result)[0]).toMatch(/^not_found \(exit 24\)/);
      expect(textsOf(result)[0]).toContain('Check the task_id');
      expect(textsOf(result)[0]).not.toMatch(/alltoken tasks|Call alltoken_\w+_fetch/);
    }
  });
});

describe('the file of a call', () => {
  const boat = { prompt: 'A boat', size: '256x256', out: 'boat.png' };

  test('is that of no other that runs', async () => {
    const host = await openHost(['-g', 'sandbox', '-o', 'out']);
    const both = [1, 2].map(() => call(host, 'alltoken_image', boat));
    const results = await Promise.all(both);
    const refused = results.filter((result) => result.isError);
    expect(refused).toHaveLength(1);
    const [text = ''] = refused.flatMap(textsOf);
    expect(text).toMatch(/^usage \(exit 2\): out .*boat\.png/);
    expect(text).toContain('Nothing was bought.');
    expect(host.world.ledger().filter((line) => 'exit' in line)).toHaveLength(1);
  });

  test('may be a directory that others save to', async () => {
    const host = await openHost(['-g', 'sandbox', '-o', 'out']);
    const both = [1, 2].map(() => call(host, 'alltoken_image', { ...boat, out: '.' }));
    for (const result of await Promise.all(both)) expect(dataOf(result).ok).toBe(true);
  });

  test('that exists when the job is done sends the host to another name', async () => {
    const host = await openHost(['-g', 'sandbox', '-o', 'out']);
    const first = await call(host, 'alltoken_video_submit', { prompt: 'A boat', out: 'b.mp4' });
    const { task_id } = dataOf(first);
    host.world.write('out/b.mp4', 'somebody else was here');
    const taken = await call(host, 'alltoken_video_fetch', { task_id });
    expect(textsOf(taken)[0]).toMatch(/^local_io \(exit 50\): .*exists/);
    const way = `Call alltoken_video_fetch with task_id "${task_id}" and another out`;
    expect(textsOf(taken)[0]).toContain(way);
    const next = await call(host, 'alltoken_video_fetch', { task_id, out: 'c.mp4' });
    expect(dataOf(next).ok).toBe(true);
  });
});
