/** Replies and circumstances that were once found to cost a picture, or a second one. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  besideRecords,
  draw,
  expectOneFile,
  namesIn,
  records,
  resume,
} from '../../helpers/image.ts';
import {
  completed,
  dropped,
  errorReply,
  inline,
  json,
  picture,
  result,
  state,
  taskId,
} from '../../helpers/image-replies.ts';

const gone = errorReply(410, 'image_already_retrieved');

describe('the one reply with the picture', () => {
  test('under a word that nobody knows is the result', async () => {
    const ready = json(200, { ...result(inline(picture())), status: 'ready' });
    const { code, world } = await draw({ poll: [ready, gone] });
    expect(code, world.err()).toBe(0);
    expectOneFile(world);
  });

  test('in a wrapper is found', async () => {
    const wrapped = json(200, { data: result(inline(picture())) });
    const { code, world } = await draw({ poll: [wrapped, gone] });
    expect(code, world.err()).toBe(0);
    expectOneFile(world);
  });

  test('of a shape that nobody knows is kept, told, and outlives resume', async () => {
    const b64_json = picture().toString('base64');
    const strange = json(200, { id: taskId, status: 'completed', images: [{ b64_json }] });
    const { code, world, gateway } = await draw({ poll: [strange, gone] });
    expect(code).toBe(41);
    const path = /saved in (\/\S+)/.exec(world.err())?.[1] ?? '';
    expect(readFileSync(path, 'utf8')).toContain(b64_json);
    const later = await resume(world, gateway, [taskId]);
    expect(later.code).toBe(42);
    expect(later.world.err()).toContain(path);
    await resume(world, gateway);
    expect(existsSync(path)).toBe(true);
  });

  test('that is only a preview ends nothing', async () => {
    const preview = json(200, { ...result(inline(picture(3000, 2))), status: 'processing' });
    const { code, world } = await draw({ poll: [preview, completed(inline(picture()))] });
    expect(code, world.err()).toBe(0);
    expectOneFile(world);
    expect(besideRecords(world)).toEqual([]);
  });
});

describe('a create reply that is lost', () => {
  test('is not asked for again with another key', async () => {
    const { code, world, gateway } = await draw({ create: dropped });
    expect(code).toBe(46);
    const before = gateway.to('create').length;
    const [record] = records(world);
    const env = { ALLTOKEN_API_KEY: 'sk-at-another-0123456789abcdef' };
    const later = await resume(world, gateway, [record?.id ?? ''], { env });
    expect(later.code, later.world.err()).toBe(46);
    expect(gateway.to('create')).toHaveLength(before);
  });

  test('is not asked for again after a pause that outlasts its key', async () => {
    const busy = errorReply(429, 'rate_limited', {}, { 'retry-after': '58' });
    const { code, gateway, world } = await draw({ create: [dropped, busy] });
    expect(code, world.err()).toBe(46);
    expect(gateway.to('create')).toHaveLength(2);
    expect(records(world)).toHaveLength(1);
  });
});

test('a key that is a word of our own paths does no harm', async () => {
  const env = { ALLTOKEN_API_KEY: 'tasks' };
  const { world, gateway } = await draw({}, ['A cat'], { env });
  expect(namesIn(join(world.home)).length, world.err()).toBe(1);
  expect(gateway.to('poll').length).toBeLessThan(4);
});

test('a task id that a shell would run is in no hint', async () => {
  const id = 'igen_x$(touch pwned); ls';
  const { code, world } = await draw(
    { create: json(202, { id, status: 'queued' }), poll: state('queued') },
    ['--wait', '3', 'A cat'],
  );
  expect(code).toBe(45);
  expect(world.err()).toMatch(/^hint: alltoken tasks resume job_[0-9a-f]{12}$/m);
});
