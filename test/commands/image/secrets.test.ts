import { describe, expect, test } from 'vitest';
import { filesBelow, secretKey } from '../../helpers/ask.ts';
import { type Drawn, drawAt } from '../../helpers/image.ts';
import { type ImageGateway, type Script, startImageGateway } from '../../helpers/image-gateway.ts';
import {
  completed,
  errorReply,
  inline,
  json,
  picture,
  presigned,
  sendFile,
  state,
  stored,
  taskId,
} from '../../helpers/image-replies.ts';

const query = '?X-Amz-Credential=AKIA7&X-Amz-Signature=deadbeef42&X-Amz-Expires=300';

async function drawAnd(
  prepare: (gateway: ImageGateway) => void,
  argv: readonly string[],
): Promise<Drawn> {
  const gateway = await startImageGateway();
  prepare(gateway);
  return drawAt(gateway, argv, { home: { 'in.png': picture(3000) } });
}

const signed = (gateway: ImageGateway): void => {
  gateway.script.poll = completed(stored(gateway.fileUrl('a.png', query)));
};
const verbosities = [[], ['-v'], ['--debug']];

describe('the query of a presigned address', () => {
  test.each(verbosities)('of a result is not shown %s', async (...argv) => {
    const { code, world } = await drawAnd(signed, [...argv, 'A cat']);
    expect(code, world.err()).toBe(0);
    for (const text of [world.out(), world.err()]) expect(text).not.toMatch(/deadbeef42|AKIA7/);
  });

  test('of a result is in --json with --urls, and not on stderr', async () => {
    const { world } = await drawAnd(signed, ['--debug', '--json', '--urls', 'A cat']);
    expect(JSON.stringify(world.json().urls)).toContain('deadbeef42');
    expect(world.err()).not.toMatch(/deadbeef42|AKIA7/);
  });

  test.each(verbosities)('of an upload is not shown, and not kept %s', async (...argv) => {
    const { code, world, gateway } = await drawAnd(() => {}, [...argv, '--image', 'in.png', 'Red']);
    expect(code, world.err()).toBe(0);
    expect(gateway.to('put')[0]?.path).toContain('cafe1');
    for (const text of [world.out(), world.err()]) expect(text).not.toContain('cafe1');
    for (const [path, content] of Object.entries(filesBelow(world.home)))
      expect(content, path).not.toContain('cafe1');
  });

  test('of an upload is not shown, whatever its parts are called', async () => {
    const prepare = (gateway: ImageGateway): void => {
      const upload_url = `http://127.0.0.1:${gateway.port}/bucket/x?pass=deadbeef42`;
      gateway.script.presign = presigned(gateway, { upload_url });
    };
    const { code, world } = await drawAnd(prepare, ['--debug', '--image', 'in.png', 'Red']);
    expect(code, world.err()).toBe(0);
    expect(world.err()).not.toContain('deadbeef42');
  });

  const troubles: [string, (gateway: ImageGateway) => void][] = [
    ['dead', (gateway) => Object.assign(gateway.script, { file: errorReply(403, 'no') })],
    [
      'a page',
      (gateway) =>
        Object.assign(gateway.script, { file: sendFile(Buffer.from('<html>'), 'text/html') }),
    ],
    [
      'no picture',
      (gateway) => Object.assign(gateway.script, { file: sendFile(Buffer.from('no')) }),
    ],
    [
      'dropped',
      (gateway) =>
        Object.assign(gateway.script, {
          file: (response: { destroy(): unknown }) => void response.destroy(),
        }),
    ],
  ];
  test.each(troubles)('is not in the message when the file is %s', async (_name, prepare) => {
    const both = (gateway: ImageGateway): void => {
      signed(gateway);
      prepare(gateway);
    };
    const { code, world } = await drawAnd(both, ['--debug', 'A cat']);
    expect(code).not.toBe(0);
    for (const text of [world.out(), world.err()]) expect(text).not.toMatch(/deadbeef42|AKIA7/);
  });

  test.each(['https://10.0.0.1/a', 'http://files.example/a', 'https://u:p@files.example/a'])(
    'is not in the message when %s is refused',
    async (url) => {
      const { world } = await drawAnd(
        ({ script }) => Object.assign(script, { poll: completed(stored(`${url}${query}`)) }),
        ['--debug', 'A cat'],
      );
      expect(world.err()).not.toMatch(/deadbeef42|AKIA7/);
    },
  );
});

describe('the key that a server repeats is in nothing that is said or kept', () => {
  const message = `no ${secretKey} here`;
  const done = completed(inline(picture()));
  const body = { id: taskId, status: 'completed', model: 'm', data: [inline(picture())] };
  const echoes: [string, Script][] = [
    ['a refusal', { create: errorReply(400, 'invalid_request', { message }) }],
    ['the code of a refusal', { create: errorReply(400, secretKey) }],
    ['the model of the create reply', { create: json(202, { id: taskId, model: secretKey }) }],
    ['a request id', { create: json(202, { id: taskId }, { 'x-request-id': secretKey }) }],
    ['trouble while polling', { poll: [errorReply(500, 'x', { message }), done] }],
    ['a refusal while polling', { poll: errorReply(401, 'x', { message }) }],
    ['a strange state', { poll: [state(secretKey), done] }],
    ['a failed task', { poll: state('failed', { error: { code: 'x', message } }) }],
    ['the code of a failed task', { poll: state('failed', { error: { code: secretKey } }) }],
    ['a result that is gone', { poll: errorReply(410, 'image_expired', { message }) }],
    ['the model of the result', { poll: json(200, { ...body, model: `m-${secretKey}` }) }],
    ['the usage', { poll: json(200, { ...body, usage: { note: secretKey } }) }],
  ];
  for (const [place, script] of echoes)
    test.each(['--debug', '--json', '--jsonl'])(`${place}: %s`, async (flag) => {
      const { code } = await drawAnd(
        (gateway) => void Object.assign(gateway.script, script),
        [flag, 'A'],
      );
      expect(code).toBeLessThan(100);
    });
});

describe('the key', () => {
  test('goes to the gateway only, never to the file’s server', async () => {
    const { gateway } = await drawAnd(signed, ['--image', 'in.png', 'A cat']);
    for (const request of [...gateway.to('file'), ...gateway.to('put')])
      expect(JSON.stringify(request.headers)).not.toContain(secretKey);
  });
});

describe('control characters of a server', () => {
  const nasty = 'a\u001b]0;x\u0007\u001b[2J\u009b31m\u202e\u2066b\r\nc';
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
  const control = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/;

  const places: [string, (gateway: ImageGateway) => void][] = [
    [
      'a failure',
      ({ script }) =>
        Object.assign(script, {
          poll: state('failed', { error: { code: nasty, message: nasty } }),
        }),
    ],
    [
      'a model',
      ({ script }) =>
        Object.assign(script, {
          poll: json(200, {
            id: taskId,
            status: 'completed',
            model: nasty,
            data: [inline(picture())],
          }),
        }),
    ],
    [
      'an id',
      ({ script }) =>
        Object.assign(script, {
          create: json(202, { id: nasty, status: 'queued' }),
          poll: errorReply(401, 'x'),
          other: errorReply(401, 'x'),
        }),
    ],
    [
      'a refusal',
      ({ script }) =>
        Object.assign(script, {
          create: errorReply(403, nasty, { message: nasty, request_id: nasty }),
        }),
    ],
  ];
  for (const [name, prepare] of places)
    test.each([[], ['--json'], ['--jsonl'], ['--debug'], ['--async']])(
      `in ${name} reach no terminal %s`,
      async (...argv) => {
        const gateway = await startImageGateway();
        prepare(gateway);
        const { world } = await drawAt(gateway, [...argv, 'A cat'], { stdoutIsTerminal: true });
        expect(world.out()).not.toMatch(control);
        expect(world.err()).not.toMatch(control);
      },
    );
});

test('the journal keeps the address, so that a resume can use it', async () => {
  const gateway = await startImageGateway();
  gateway.script = {
    poll: completed(stored(gateway.fileUrl('a.png', query))),
    file: errorReply(503, 'x'),
  };
  const { world } = await drawAt(gateway);
  const journal = Object.entries(filesBelow(world.home)).filter(([path]) => path.endsWith('.json'));
  expect(journal).toHaveLength(1);
  expect(journal[0]?.[1]).toContain('deadbeef42');
});
