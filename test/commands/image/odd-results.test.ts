/** Results that do not come as documented: counted, written, nested or cut in another way. What is paid for is saved all the same. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  besideRecords,
  type Drawn,
  document,
  draw,
  drawAt,
  expectFailed,
  expectOneFile,
  imageWorld,
  namesIn,
  paths,
  records,
  resume,
  runIn,
} from '../../helpers/image.ts';
import { type ImageReply, startImageGateway } from '../../helpers/image-gateway.ts';
import {
  completed,
  dropped,
  errorReply,
  half,
  inline,
  json,
  picture,
  result,
  sendFile,
  state,
  stored,
  taskId,
} from '../../helpers/image-replies.ts';

function errorOf({ world }: Drawn): Record<string, unknown> {
  return document(world).error as Record<string, unknown>;
}

const gone = errorReply(410, 'image_already_retrieved');

describe('an image in the response to the create request', () => {
  test('is saved, though this gateway names a task there', async () => {
    const body = { created: 1, data: [{ b64_json: picture().toString('base64') }] };
    const drawn = await draw({ create: json(200, body) });
    expect(drawn.code, drawn.world.err()).toBe(0);
    const [path = ''] = paths(drawn.world);
    expect(readFileSync(path)).toEqual(picture());
    expect(besideRecords(drawn.world)).toEqual([]);
  });
});

describe('J1: a create request whose connection is reset each time', () => {
  test('is sent three times at most, then 46', async () => {
    const drawn = await draw({ create: dropped }, ['--json', 'A cat']);
    expect(drawn.code).toBe(46);
    expect(drawn.gateway.to('create')).toHaveLength(3);
    expect(document(drawn.world)).toMatchObject({ attempts: 3, error: { billed: 'unknown' } });
  });

  test('is sent once more by resume', async () => {
    const drawn = await draw({ create: dropped });
    const [record] = records(drawn.world);
    const later = await resume(drawn.world, drawn.gateway, [record?.id ?? '']);
    expect(later.code).toBe(46);
    expect(drawn.gateway.to('create')).toHaveLength(4);
    expect(records(drawn.world)).toMatchObject([{ state: 'submitting' }]);
  });
});

describe('J2: the one response with the image breaks off', () => {
  const small = result(inline(picture(300)));
  test.each<[string, ImageReply, string]>([
    ['within the first hundreds of bytes', half(small, 0.6), 'b64_json'],
    ['before the image', half({ status: 'completed', ...small }, 0.1), '"completed"'],
  ])('%s: 42, and the half is named', async (_, reply, text) => {
    const drawn = await draw({ poll: [reply, gone] }, ['--json', 'A cat']);
    const path = records(drawn.world)[0]?.remains ?? '';
    expectFailed(drawn, {
      exit: 42,
      name: 'already_retrieved',
      message: new RegExp(`saved in ${path}`),
      hint: /a new run, which is billed again/,
      billed: 'yes',
    });
    expect(readFileSync(path, 'utf8')).toContain(text);
  });

  test('as the state of a task does: nothing is kept', async () => {
    const queued = half({ id: taskId, status: 'queued', note: 'x'.repeat(200) });
    const drawn = await draw({ poll: [queued, completed(inline(picture()))] });
    expect(drawn.code, drawn.world.err()).toBe(0);
    expect(besideRecords(drawn.world)).toEqual([]);
  });
});

describe('J8: fewer images than were ordered', () => {
  test.each<[string, Record<string, unknown>[]]>([
    ['two of three', [inline(picture(4000, 1)), inline(picture(4000, 2))]],
    [
      'an entry with nothing in it',
      [inline(picture(4000, 1)), { b64_json: null, url: null }, inline(picture(4000, 2))],
    ],
  ])('%s: the files, and 40', async (_, data) => {
    const drawn = await draw({ poll: completed(...data) }, ['--json', '-n', '3', 'A cat']);
    expectFailed(drawn, {
      exit: 40,
      name: 'partial',
      code: 'fewer_than_ordered',
      message: /2 of the 3 ordered/,
      billed: 'yes',
    });
    expect((document(drawn.world).files as unknown[]).length).toBe(2);
    expect(namesIn(drawn.world.home)).toHaveLength(2);
    expect(records(drawn.world)).toMatchObject([{ state: 'done' }]);
    expect(besideRecords(drawn.world)).toEqual([]);
    const [record] = records(drawn.world);
    const later = await resume(drawn.world, drawn.gateway, [record?.id ?? '']);
    expect(later.code).toBe(40);
    expect(paths(later.world)).toHaveLength(2);
    expect(later.world.err()).toMatch(/hint: .*new run/);
  });

  test('an empty entry beside enough of them is said', async () => {
    const poll = completed(inline(picture()), { b64_json: null, url: null });
    const drawn = await draw({ poll });
    expect(drawn.code).toBe(0);
    expect(drawn.world.err()).toMatch(/warning: 1 of the results have neither/);
  });
});

describe('J9: an image of no bytes', () => {
  test.each([
    ['in the response', 'data:image/png;base64,'],
    ['as an object', {}],
  ])('%s: 41, and the response is named', async (_, b64_json) => {
    const drawn = await draw({ poll: completed({ b64_json }) }, ['--json', 'A cat']);
    expectFailed(drawn, { exit: 41, name: 'protocol', message: /saved in/, billed: 'yes' });
    const path = /saved in (\S+\.body)/.exec(String(errorOf(drawn).message))?.[1] ?? '';
    expect(existsSync(path)).toBe(true);
    expect(namesIn(drawn.world.home)).toEqual([]);
  });

  test('at its address: again, and then saved', async () => {
    const gateway = await startImageGateway();
    gateway.script = {
      poll: completed(stored(gateway.fileUrl('a.png'))),
      file: [sendFile(Buffer.alloc(0)), sendFile(picture())],
    };
    const drawn = await drawAt(gateway);
    expect(drawn.code, drawn.world.err()).toBe(0);
    expectOneFile(drawn.world);
  });
});

describe('J11: a file that is not there right after "completed"', () => {
  test('is requested again for some seconds', async () => {
    const gateway = await startImageGateway();
    const missing = errorReply(404, 'NoSuchKey');
    gateway.script = {
      poll: completed(stored(gateway.fileUrl('a.png'))),
      file: [missing, missing, missing, sendFile(picture())],
    };
    const drawn = await drawAt(gateway);
    expect(drawn.code, drawn.world.err()).toBe(0);
    expectOneFile(drawn.world);
    expect(drawn.world.err()).toMatch(/may not be there yet/);
  });

  test('but not for ever, and not when it was completed long ago', async () => {
    const gateway = await startImageGateway();
    gateway.script = {
      poll: completed(stored(gateway.fileUrl('a.png'))),
      file: errorReply(404, 'NoSuchKey'),
    };
    const drawn = await drawAt(gateway);
    expect(drawn.code).toBe(43);
    const asked = gateway.to('file').length;
    expect(asked).toBeLessThanOrEqual(6);
    const now = (): number => Date.parse('2026-11-22T13:00:00Z');
    const later = await resume(drawn.world, gateway, ['--all'], { now });
    expect(later.code).toBe(43);
    expect(gateway.to('file').length - asked).toBeLessThanOrEqual(2);
  });

  test('though the clock is set forward meanwhile', async () => {
    const gateway = await startImageGateway();
    const world = imageWorld(gateway);
    const { now } = world.clock;
    gateway.script = {
      poll: [completed(stored(gateway.fileUrl('a.png'))), gone],
      file: [
        (response, request, count) => {
          world.clock.now = () => now() + 3_600_000;
          errorReply(404, 'NoSuchKey')(response, request, count);
        },
        sendFile(picture()),
      ],
    };
    const code = await runIn(world, 'image', 'A cat');
    expect(code, world.err()).toBe(0);
    expectOneFile(world);
  });

  test('though the gateway says 410 when it is polled again', async () => {
    const gateway = await startImageGateway();
    gateway.script = {
      poll: [completed(stored(gateway.fileUrl('a.png'))), gone],
      file: [errorReply(404, 'x'), sendFile(picture())],
    };
    const drawn = await drawAt(gateway);
    expect(drawn.code, drawn.world.err()).toBe(0);
  });
});

const good = picture(4001).toString('base64');
const lines = (good.match(/.{1,76}/g) ?? []).join('\r\n');

describe('J12: an image that is written in another way', () => {
  test.each<[string, Record<string, unknown>]>([
    ['with line breaks', { b64_json: lines }],
    ['with blanks around it', { b64_json: ` \n${good}\n ` }],
    ['with tabs and form feeds', { b64_json: `${good.slice(0, 8)}\t\f${good.slice(8)}` }],
    ['without padding', { b64_json: good.replace(/=+$/, '') }],
    ['URL-safe', { b64_json: picture(4001).toString('base64url') }],
    ['as a data: URL', { b64_json: `data:image/png;base64,${good}` }],
    ['as a data: URL in url', { url: `data:image/png;base64,${good}` }],
    ['as a data: URL in r2_url', { r2_url: `data:;base64,${lines}` }],
  ])('%s', async (_, entry) => {
    const drawn = await draw({ poll: [completed(entry), gone] });
    expect(drawn.code, drawn.world.err()).toBe(0);
    expectOneFile(drawn.world, picture(4001));
    expect(besideRecords(drawn.world)).toEqual([]);
  });

  test('as a data: URL that is too long for memory, or very short', async () => {
    for (const size of [200_001, 40]) {
      const url = `data:image/png;base64,${picture(size).toString('base64')}`;
      const drawn = await draw({ poll: [completed({ url }), gone] });
      expect(drawn.code, drawn.world.err()).toBe(0);
      expectOneFile(drawn.world, picture(size));
    }
  });

  const latin = (text: string): Buffer => Buffer.from(text.padEnd(200, '\x07'), 'latin1');
  test.each<[string, Buffer]>([
    ['svg', Buffer.from('<?xml version="1.0"?>\n<!-- a cat -->\n<svg xmlns="x"><path/></svg>')],
    ['bmp', latin('BM\x36\x10\0\0\0\0\0\0')],
    ['tiff', latin('II*\0')],
    ['jxl', latin('\xff\x0a')],
    ['avif', latin('\0\0\0\x18ftypavif\0\0\0\0avifmif1')],
    ['heic', latin('\0\0\0\x18ftypheic\0\0\0\0heicmif1')],
  ])('as %s', async (extension, bytes) => {
    const drawn = await draw({ poll: completed(inline(bytes)) });
    expect(drawn.code, drawn.world.err()).toBe(0);
    expect(expectOneFile(drawn.world, bytes).endsWith(`.${extension}`)).toBe(true);
    expect(drawn.world.err()).not.toMatch(/warning/);
  });

  test('in a format that nobody knows: saved, with a warning', async () => {
    const bytes = latin('\x01\x02\x03 some image');
    const drawn = await draw({ poll: completed(inline(bytes)) });
    expect(drawn.code, drawn.world.err()).toBe(0);
    expectOneFile(drawn.world, bytes);
    expect(drawn.world.err()).toMatch(/warning: not a known image format/);
  });

  test('in a format that nobody knows, beside an address that is dead', async () => {
    const bytes = latin('\x01\x02\x03 some image');
    const gateway = await startImageGateway();
    gateway.script = {
      poll: completed(inline(bytes, gateway.fileUrl('a.png'))),
      file: errorReply(403, 'AccessDenied'),
    };
    const drawn = await drawAt(gateway);
    expect(drawn.code, drawn.world.err()).toBe(0);
    expectOneFile(drawn.world, bytes);
  });
});

describe('J15: a response beyond all bounds', () => {
  test('100,000 nested levels beside the image: saved', async () => {
    const text = JSON.stringify({ deep: 0, ...result(inline(picture())) });
    const deep = `${'[{"a":"]}"},'.repeat(100_000)}1${']'.repeat(100_000)}`;
    const reply: ImageReply = (response) =>
      void response.writeHead(200).end(text.replace('"deep":0', `"deep":${deep}`));
    const drawn = await draw({ poll: [reply, gone] });
    expect(drawn.code, drawn.world.err()).toBe(0);
    expectOneFile(drawn.world);
  });

  test('usage of 100,000 nested levels: saved, and the record can be read', async () => {
    const text = JSON.stringify({ ...result(inline(picture())), usage: 0 });
    const deep = `{"a":${'['.repeat(100_000)}${']'.repeat(100_000)},"total_tokens":7}`;
    const reply: ImageReply = (response) =>
      void response.writeHead(200).end(text.replace('"usage":0', `"usage":${deep}`));
    const drawn = await draw({ poll: [reply, gone] });
    expect(drawn.code, drawn.world.err()).toBe(0);
    expect(records(drawn.world)).toMatchObject([{ usage: { total_tokens: 7 } }]);
  });

  test('3,000 images for one: two are saved, and it is said', async () => {
    const poll = completed(...Array.from({ length: 3000 }, (_, at) => inline(picture(64, at))));
    const drawn = await draw({ poll });
    expect(drawn.code, drawn.world.err()).toBe(0);
    expect(namesIn(drawn.world.home)).toHaveLength(2);
    expect(drawn.world.err()).toMatch(/warning: the gateway sent 3000 results; only the first 2/);
  });

  test('a body without end: bounded, kept and named, 41', async () => {
    const endless: ImageReply = async (response) => {
      response.writeHead(200);
      response.write('{"status":"completed","data":[{"b64_json":"');
      const piece = Buffer.alloc(1024 * 1024, 'A');
      while (!response.destroyed)
        await new Promise<void>((resolve) => {
          response.once('close', resolve);
          response.write(piece, () => setImmediate(resolve));
        });
    };
    const drawn = await draw({ poll: endless }, ['--json', 'A cat']);
    expectFailed(drawn, {
      exit: 41,
      name: 'protocol',
      code: 'too_large',
      message: /saved in \S+\.half/,
      hint: /tasks resume/,
      billed: 'unknown',
    });
    expect(drawn.gateway.to('poll')).toHaveLength(1);
    expect(besideRecords(drawn.world)).toHaveLength(1);
    drawn.gateway.script.poll = completed(inline(picture()));
    const later = await resume(drawn.world, drawn.gateway);
    expect(later.code, later.world.err()).toBe(0);
    expect(besideRecords(drawn.world)).toEqual([]);
  });
});

describe('pauses that a server asks for', () => {
  test.each([
    ['1e308', 30_000],
    ['1e999', 2000],
    ['-5', 2000],
    ['"soon"', 2000],
    ['0.001', 500],
  ])('next_poll_after_ms %s: %d ms', async (value, expected) => {
    const waiting: ImageReply = (response) =>
      void response
        .writeHead(200)
        .end(`{"id":"${taskId}","status":"processing","next_poll_after_ms":${value}}`);
    const drawn = await draw({ poll: [waiting, completed(inline(picture()))] });
    expect(drawn.code, drawn.world.err()).toBe(0);
    expect(drawn.world.sleeps).toContain(expected);
    expect(Math.max(...drawn.world.sleeps)).toBeLessThanOrEqual(30_000);
  });
});

describe('J10: a status that says it is over', () => {
  const words = [
    'FAILURE',
    'fail',
    'rejected',
    'timeout',
    'Aborted',
    'TASK_STATUS_FAILED',
    'timed-out',
  ];
  test.each(words)('%s is failed', async (word) => {
    const drawn = await draw({ poll: state(word, { error: { code: 'x', message: 'it fell' } }) });
    expect(drawn.code).toBe(44);
    expect(drawn.gateway.to('poll')).toHaveLength(1);
  });

  test('an unknown word is failed with an error beside it, and runs without one', async () => {
    const error = { code: 'boom', message: 'it fell' };
    const drawn = await draw({ poll: [state('kaput'), state('kaput', { error })] });
    expect(drawn.code, drawn.world.err()).toBe(44);
    expect(drawn.world.err()).toMatch(/unknown state "kaput"/);
    expect(drawn.gateway.to('poll')).toHaveLength(2);
  });

  test('words beside it are no error, and neither is an empty error object', async () => {
    const poll = [
      state('warming', { message: 'loading the model' }),
      state('warming', { error: { code: '', message: '' } }),
      state('InProgress', { error: null }),
      completed(inline(picture())),
    ];
    const drawn = await draw({ poll });
    expect(drawn.code, drawn.world.err()).toBe(0);
  });
});

test('a download that goes on is not mixed with what the response had in place of the image', async () => {
  const gateway = await startImageGateway();
  const bytes = picture(4000);
  const etag = '"one"';
  gateway.script = {
    poll: completed({
      b64_json: Buffer.from('<html></html>').toString('base64'),
      url: gateway.fileUrl('a.png'),
    }),
    file: [
      (response) => {
        response.writeHead(200, { etag, 'content-length': '4000' });
        response.write(bytes.subarray(0, 1500), () => response.destroy());
      },
      errorReply(400, 'no'),
    ],
  };
  const drawn = await drawAt(gateway);
  expect(drawn.code).toBe(41);
  gateway.script.file = (response, { headers }) => {
    const from = Number(/^bytes=(\d+)-$/.exec(headers.range ?? '')?.[1] ?? 0);
    const range = { 'content-range': `bytes ${from}-3999/4000` };
    response.writeHead(from > 0 ? 206 : 200, { etag, ...(from > 0 && range) });
    response.end(bytes.subarray(from));
  };
  const later = await resume(drawn.world, gateway);
  expect(later.code, later.world.err()).toBe(0);
  expectOneFile(later.world);
});

describe('J13: what is recorded', () => {
  test('is bounded, though the server is not, and outlives a storage that is down', async () => {
    const gateway = await startImageGateway();
    const usage = {
      total_tokens: 7,
      notes: Array.from({ length: 40_000 }, (_, at) => `n${at}`.repeat(20)),
    };
    gateway.script = {
      poll: json(200, { ...result(stored(gateway.fileUrl('a.png'))), usage }),
      file: (response) => void response.destroy(),
    };
    const drawn = await drawAt(gateway);
    expect(drawn.code).not.toBe(0);
    const [record] = records(drawn.world);
    const path = join(drawn.world.home, 'tasks', `${record?.id}.json`);
    expect(readFileSync(path).length).toBeLessThan(100_000);
    gateway.script.file = sendFile(picture());
    const later = await resume(drawn.world, gateway);
    expect(later.code, later.world.err()).toBe(0);
    expectOneFile(later.world);
    expect(records(drawn.world)).toMatchObject([{ state: 'done', usage: { total_tokens: 7 } }]);
  });
});
