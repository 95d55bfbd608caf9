import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  type Drawn,
  draw,
  expectFailed,
  expectOneFile,
  laterWorld,
  records,
  resume,
  runIn,
} from '../../helpers/image.ts';
import { failingFiles } from '../../helpers/image-faults.ts';
import type { ImageReply } from '../../helpers/image-gateway.ts';
import { dropped, errorReply, json, page, taskId } from '../../helpers/image-replies.ts';

const duplicate = errorReply(409, 'duplicate_request', { task_id: taskId });

function keysOf({ gateway }: Drawn): unknown[] {
  return gateway.to('create').map(({ headers }) => headers['idempotency-key']);
}

describe('a create reply that names no task', () => {
  const replies: [string, ImageReply][] = [
    ['an empty object', json(202, {})],
    ['a list', json(202, [])],
    ['null', json(202, null)],
    ['an id that is null', json(202, { id: null, status: 'queued' })],
    ['an empty id', json(202, { id: '', status: 'queued' })],
    ['an id that is an object', json(202, { id: {}, status: 'queued' })],
    ['a page', page(200)],
    ['nothing', (response) => void response.writeHead(202).end()],
  ];
  test.each(replies)('%s: 41 or 46, perhaps billed, the record stays', async (_name, reply) => {
    const drawn = await draw({ create: reply }, ['--json', 'A cat']);
    expect([41, 46]).toContain(drawn.code);
    expect(drawn.world.json()).toMatchObject({
      error: { billed: 'unknown', hint: expect.stringMatching(/look at your usage/) },
    });
    expect(records(drawn.world)).toMatchObject([{ state: 'submitting' }]);
  });
});

describe('tasks resume of a lost create reply', () => {
  async function lost(): Promise<Drawn> {
    return draw({ create: dropped }, ['-o', 'cat.png', 'A cat']);
  }

  test('within the minute sends the same request with the same key', async () => {
    const before = await lost();
    const tried = before.gateway.to('create').length;
    before.gateway.script = { create: duplicate };
    const [record] = records(before.world);
    const later = await resume(before.world, before.gateway, [record?.id ?? '']);
    expect(later.code, later.world.err()).toBe(0);
    expect(expectOneFile(later.world)).toMatch(/\/cat\.png$/);
    expect(before.gateway.to('create')).toHaveLength(tried + 1);
    expect(new Set(keysOf(before)).size).toBe(1);
    expect(new Set(before.gateway.to('create').map(({ body }) => body)).size).toBe(1);
  });

  test('writes its intent before it is sent: the process that began may have died before it could', async () => {
    const before = await lost();
    rmSync(join(before.world.home, 'ledger'), { recursive: true });
    let written: unknown[] = [];
    before.gateway.script = {
      create: (response, request, count) => {
        written = before.world.ledger();
        return duplicate(response, request, count);
      },
    };
    const [record] = records(before.world);
    await resume(before.world, before.gateway, [record?.id ?? '']);
    expect(written).toMatchObject([{ event: 'intent', call: record?.call }]);
    expect(before.world.ledger().map(({ event }) => event)).toEqual(['intent', 'outcome']);
  });

  describe('with a ledger that cannot be written', () => {
    const full = { files: failingFiles('ENOSPC', ({ name }) => name === 'appendLine') };

    test.each([{}, { call: '1' }, { tags: { docs: { day: '1' } } }])(
      'sends it and says so, under a budget of %j',
      async (budget) => {
        const before = await lost();
        before.gateway.script = { create: duplicate };
        writeFileSync(join(before.world.home, 'config.json'), JSON.stringify({ budget }));
        const [record] = records(before.world);
        const later = await resume(before.world, before.gateway, [record?.id ?? ''], full);
        expect(later.code, later.world.err()).toBe(0);
        expectOneFile(later.world);
        expect(later.world.err().match(/^warning: the ledger .*ENOSPC/gm)).toHaveLength(1);
      },
    );

    test.each(['ENOSPC', 'EPIPE'])(
      'and stdout that fails with %s: what is not in it is said all the same, once',
      async (code) => {
        let lines = 0;
        const where = ({ name }: { name: string }): boolean => {
          if (name === 'appendLine') lines += 1;
          return name === 'appendLine' && lines > 1;
        };
        const files = failingFiles('ENOSPC', where);
        const stdoutError = { code, at: 1 };
        const { world } = await draw({}, ['A cat', '--jsonl'], { files, stdoutError });
        expect(world.err().match(/^warning: the ledger .*ENOSPC/gm)).toHaveLength(1);
      },
    );

    test.each([{ day: '1' }, { month: '1' }])(
      'sends nothing under a budget of %j, which counts what is in the ledger',
      async (budget) => {
        const before = await lost();
        const tried = before.gateway.to('create').length;
        before.gateway.script = { create: duplicate };
        writeFileSync(join(before.world.home, 'config.json'), JSON.stringify({ budget }));
        const argv = [records(before.world)[0]?.id ?? '', '--json'];
        const later = await resume(before.world, before.gateway, argv, full);
        expectFailed(later, { exit: 46, name: 'outcome_unknown', billed: 'unknown' });
        expect(later.world.err()).toMatch(/^warning: the ledger .*ENOSPC/m);
        expect(before.gateway.to('create')).toHaveLength(tried);
        expect(records(before.world)).toMatchObject([{ state: 'submitting' }]);
        const again = await resume(before.world, before.gateway, argv);
        expect(again.code, again.world.err()).toBe(0);
      },
    );
  });

  test.each([401, 402, 500, 503])(
    '%d to the second request says nothing of the first, which the process did not live to count',
    async (status) => {
      const before = await lost();
      const [record] = records(before.world);
      const path = join(before.world.home, 'tasks', `${record?.id}.json`);
      const create = { ...record?.create, attempts: 0 };
      writeFileSync(path, JSON.stringify({ ...record, create }));
      before.gateway.script = { create: errorReply(status, 'refused_now') };
      const later = await resume(before.world, before.gateway, [record?.id ?? '', '--json']);
      expectFailed(later, { exit: 46, name: 'outcome_unknown', billed: 'unknown' });
      expect(records(before.world)).toMatchObject([{ state: 'submitting' }]);
    },
  );

  test('later sends nothing', async () => {
    const before = await lost();
    const tried = before.gateway.to('create').length;
    const [record] = records(before.world);
    const now = (): number => Date.parse('2026-11-22T12:01:00Z');
    const later = await resume(before.world, before.gateway, [record?.id ?? '', '--json'], { now });
    expectFailed(later, {
      exit: 46,
      name: 'outcome_unknown',
      hint: /tasks forget/,
      billed: 'unknown',
    });
    expect(before.gateway.requests).toHaveLength(tried);
  });

  const sentAt = Date.parse('2026-11-22T12:00:00Z');
  const bootedAt = Date.parse('2026-11-22T00:00:00Z');
  const at = (ms: number) => ({ now: () => sentAt + ms });
  type Later = Parameters<typeof resume>[3];
  const uncertain: [string, Later][] = [
    ['91 s later by a clock set back by 90 s', { ...at(1000), bootedAt: bootedAt - 90_000 }],
    ['before it was sent, by a clock set back', { ...at(-1000), bootedAt: bootedAt - 31_000 }],
    [
      '30 s later by a clock set forward by an hour',
      { ...at(3_630_000), bootedAt: bootedAt + 3_600_000 },
    ],
    ['after a restart', { ...at(30_000), processSpace: 'host_again_1', bootedAt: sentAt + 10_000 }],
    ['after a restart, as long after it', { ...at(30_000), processSpace: 'host_again_1' }],
    ['in another container', { ...at(30_000), processSpace: 'host_boot_2' }],
    ['on a system that does not name its start', { ...at(30_000), processSpace: 'host_0_0' }],
    ['on a system that does not say when it was started', { ...at(30_000), bootedAt: Number.NaN }],
  ];
  test.each(uncertain)('%s sends nothing, and says how to go on', async (_when, options) => {
    const before = await lost();
    const tried = before.gateway.to('create').length;
    before.gateway.script = { create: duplicate };
    const argv = [records(before.world)[0]?.id ?? '', '--json'];
    const later = await resume(before.world, before.gateway, argv, options);
    expectFailed(later, {
      exit: 46,
      name: 'outcome_unknown',
      hint: /it may have been billed; look at your usage at \S+ \(alltoken cost --calls -g alltoken\) before .*tasks forget/,
      billed: 'unknown',
    });
    expect(before.gateway.to('create')).toHaveLength(tried);
    expect(records(before.world)).toMatchObject([{ state: 'submitting' }]);
  });

  test.each([
    ['of an older version, which has the wall clock only', undefined],
    ['of a system that does not name its start', { space: 'host_0_0', ms: 43_200_000 }],
  ])('of a record %s sends nothing', async (_what, boot) => {
    const before = await lost();
    const tried = before.gateway.to('create').length;
    const [record] = records(before.world);
    const { boot: _, ...create } = record?.create ?? {};
    const path = join(before.world.home, 'tasks', `${record?.id}.json`);
    writeFileSync(path, JSON.stringify({ ...record, create: { ...create, boot } }));
    const later = await resume(before.world, before.gateway, [record?.id ?? '', '--json']);
    expectFailed(later, { exit: 46, name: 'outcome_unknown', billed: 'unknown' });
    expect(before.gateway.to('create')).toHaveLength(tried);
  });

  test.each([
    ['30 s later is sent again', 43_200_000, 0],
    ['after a restart, whose clock began anew, is not', 43_231_000, 46],
  ])('where the system does not name its start, one %s', async (_when, ms, code) => {
    const before = await lost();
    before.gateway.script = {};
    const [record] = records(before.world);
    const create = { ...record?.create, boot: { space: 'host_0_0', ms } };
    const path = join(before.world.home, 'tasks', `${record?.id}.json`);
    writeFileSync(path, JSON.stringify({ ...record, create }));
    const argv = [record?.id ?? '', '--json'];
    const options = { ...at(30_000), processSpace: 'host_0_0' };
    expect(await resume(before.world, before.gateway, argv, options)).toMatchObject({ code });
  });

  test('sends nothing where its own intent took too long to be written', async () => {
    const before = await lost();
    const tried = before.gateway.to('create').length;
    const [record] = records(before.world);
    const world = laterWorld(before.world, before.gateway);
    const { appendLine } = world.deps.files;
    world.deps.files.appendLine = async (...line) => {
      await appendLine(...line);
      await world.clock.pass(60_000);
    };
    const code = await runIn(world, 'tasks', 'resume', record?.id ?? '', '--json');
    const later = { code, world, gateway: before.gateway };
    expectFailed(later, { exit: 46, name: 'outcome_unknown', billed: 'unknown' });
    expect(before.gateway.to('create')).toHaveLength(tried);
  });

  test('with --all sends nothing, however early', async () => {
    const before = await lost();
    const tried = before.gateway.to('create').length;
    const later = await resume(before.world, before.gateway, ['--all', '--json']);
    expectFailed(later, { exit: 46, name: 'outcome_unknown', billed: 'unknown' });
    expect(before.gateway.requests).toHaveLength(tried);
    expect(records(before.world)).toMatchObject([{ state: 'submitting' }]);
  });

  test('takes a task that is named by hand', async () => {
    const before = await lost();
    const [record] = records(before.world);
    const argv = [record?.id ?? '', '--adopt', taskId];
    const now = (): number => Date.parse('2026-11-22T13:00:00Z');
    const later = await resume(before.world, before.gateway, argv, { now });
    expect(later.code, later.world.err()).toBe(0);
    expectOneFile(later.world);
  });

  test('can be forgotten', async () => {
    const before = await lost();
    const [record] = records(before.world);
    const world = laterWorld(before.world, before.gateway);
    const code = await runIn(world, 'tasks', 'forget', record?.id ?? '', '--force');
    expect(code, world.err()).toBe(0);
    expect(records(before.world)).toEqual([]);
  });
});
