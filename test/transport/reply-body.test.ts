import { describe, expect, test } from 'vitest';
import { ReplyBody } from '../../src/transport/reply-body.ts';

function open() {
  const flow: string[] = [];
  const body = new ReplyBody({
    pause: () => void flow.push('pause'),
    resume: () => void flow.push('resume'),
  });
  return { body, flow };
}

const bytes = (text: string): Buffer => Buffer.from(text);

describe('the body of a reply', () => {
  test('is read in order, and then ends, as often as it is asked', async () => {
    const { body } = open();
    body.push(bytes('a'));
    body.push(bytes(''));
    body.push(bytes('b'));
    body.end();
    const read = [await body.read(), await body.read(), await body.read()];
    expect(read).toEqual([bytes('ab'), null, null]);
  });

  test('is read in one piece as far as it is there, but large parts are not copied', async () => {
    const { body } = open();
    const large = Buffer.alloc(64 * 1024, 'x');
    for (const part of [bytes('a'), bytes('b'), large, bytes('c')]) body.push(part);
    expect(await body.read()).toEqual(bytes('ab'));
    expect(await body.read()).toBe(large);
    for (let count = 0; count < 20; count += 1) body.push(Buffer.alloc(1024, 'y'));
    const sizes = [await body.read(), await body.read()].map((part) => part?.length);
    expect(sizes).toEqual([1 + 15 * 1024, 5 * 1024]);
  });

  test('that breaks says so after what came before', async () => {
    const { body } = open();
    body.push(bytes('a'));
    body.fail(new Error('cut off'));
    body.push(bytes('too late'));
    body.end();
    expect(await body.read()).toEqual(bytes('a'));
    await expect(body.read()).rejects.toThrow('cut off');
    await expect(body.read()).rejects.toThrow('cut off');
  });

  test('that is stopped has nothing any more, whatever still comes', async () => {
    const { body } = open();
    body.push(bytes('a'));
    body.abort(new Error('stopped'));
    body.push(bytes('b'));
    expect(body.isOpen).toBe(false);
    await expect(body.read()).rejects.toThrow('stopped');
  });

  test('that is whole stays whole', async () => {
    const { body } = open();
    body.push(bytes('a'));
    body.end();
    body.push(bytes('b'));
    body.abort(new Error('stopped'));
    expect([await body.read(), await body.read()]).toEqual([bytes('a'), null]);
  });

  test('is paused while nobody reads, and resumed once all is read', async () => {
    const { body, flow } = open();
    for (let count = 0; count < 100; count += 1) body.push(Buffer.alloc(64 * 1024));
    expect(flow).toEqual(['pause']);
    for (let count = 0; count < 99; count += 1) await body.read();
    expect(flow).toEqual(['pause']);
    await body.read();
    expect(flow).toEqual(['pause', 'resume']);
  });

  test('wakes up its reader', async () => {
    const { body } = open();
    const read = body.read();
    body.push(bytes('a'));
    expect(await read).toEqual(bytes('a'));
    const last = body.read();
    body.end();
    expect(await last).toBeNull();
  });
});
