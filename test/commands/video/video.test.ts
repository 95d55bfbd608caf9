import { describe, expect, test } from 'vitest';
import { videoDocumentSchema } from '../../../src/schemas/media.ts';
import { errLines, inTurn } from '../../helpers/ask.ts';
import { completed, film, task, taskId } from '../../helpers/video-gateway.ts';
import { bytesOf, document, filesIn, recordOf, withGateway } from '../../helpers/video-world.ts';

describe('video', () => {
  test('saves the film under a name of its own and prints its path', async () => {
    const { gateway, world } = await withGateway();
    expect(await world.video('A', 'paper', 'boat'), world.err()).toBe(0);
    const name = `alltoken-video-${taskId().slice(-8)}.mp4`;
    expect(world.out()).toBe(`${world.home}/${name}\n`);
    expect(filesIn(world)).toEqual([name]);
    expect(bytesOf(world, name).equals(film())).toBe(true);
    expect(gateway.to('create')).toHaveLength(1);
    expect(gateway.to('create')[0]?.headers.authorization).toMatch(/^Bearer sk-at-/);
  });

  test('asks every 3 s, tells each change once, and nothing when nothing changes', async () => {
    const { world } = await withGateway({
      poll: inTurn(task('queued'), task('processing'), task('processing'), completed()),
    });
    expect(await world.video('A boat')).toBe(0);
    expect(world.sleeps).toEqual([3000, 3000, 3000, 3000]);
    const lines = errLines(world).filter((line) => line.startsWith(taskId()));
    expect(lines.map((line) => line.slice(taskId().length + 1))).toEqual([
      `submitted. Resume with: alltoken tasks resume ${taskId()}`,
      'queued',
      'running',
      'succeeded',
    ]);
  });

  test('tells the id and keeps it before the first question', async () => {
    const seen: { err: string; record: unknown }[] = [];
    const { world } = await withGateway({
      poll: (response, request, count) => {
        seen.push({ err: world.err(), record: recordOf(world) });
        return completed()(response, request, count);
      },
    });
    expect(await world.video('A boat')).toBe(0);
    expect(seen[0]?.err).toContain(`alltoken tasks resume ${taskId()}`);
    expect(seen[0]?.record).toMatchObject({ state: 'submitted', task_id: taskId() });
  });

  test('writes to the journal before it buys', async () => {
    const seen: unknown[] = [];
    const { world } = await withGateway({
      create: (response) => {
        seen.push(recordOf(world), world.ledger());
        response.destroy();
      },
    });
    await world.video('A boat');
    expect(seen[0]).toMatchObject({ state: 'submitting', prompt: 'A boat', task_id: null });
    expect(seen[1]).toMatchObject([{ event: 'intent', command: 'video' }]);
  });

  test('--json is one document that keeps to the schema', async () => {
    const { world } = await withGateway();
    expect(await world.video('A boat', '--json')).toBe(0);
    expect(document(world, videoDocumentSchema)).toMatchObject({
      ok: true,
      exit: 0,
      command: 'video',
      gateway: 'alltoken',
      model: 'seedance-1.5-pro',
      requested_model: 'seedance-1.5-pro',
      task_id: taskId(),
      job_id: recordOf(world).id,
      request_id: 'req-video',
      status: 'succeeded',
      files: [
        { bytes: 40_000, mime: 'video/mp4', sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
      ],
      urls: [],
      usage: { completion_tokens: 48_000, total_tokens: 48_000 },
      cost: { amount: null, source: 'unknown' },
      attempts: 1,
      warnings: [],
    });
  });

  test('shows the signature of an address nowhere but in --json', async () => {
    const { world } = await withGateway();
    expect(await world.video('A boat', '--debug')).toBe(0);
    expect(world.err()).not.toContain('signature=secret');
  });

  test('keeps books: an intent, an outcome, no prompt', async () => {
    const { world } = await withGateway();
    await world.video('A boat in the rain');
    expect(world.ledger()).toMatchObject([
      { event: 'intent', command: 'video', model: 'seedance-1.5-pro' },
      {
        event: 'outcome',
        exit: 0,
        billed: 'yes',
        task_id: taskId(),
        attempts: 1,
        cost: { amount: null, source: 'unknown' },
      },
    ]);
    expect(world.ledger()[0]?.call).toBe(world.ledger()[1]?.call);
    expect(JSON.stringify(world.ledger())).not.toContain('rain');
  });
});
