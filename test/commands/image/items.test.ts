import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  type Drawn,
  draw,
  drawAt,
  expectFailed,
  expectOneFile,
  namesIn,
  paths,
  records,
  resume,
} from '../../helpers/image.ts';
import { type ImageGateway, startImageGateway } from '../../helpers/image-gateway.ts';
import {
  completed,
  errorReply,
  inline,
  picture,
  sendFile,
  stored,
  taskId,
} from '../../helpers/image-replies.ts';

type Entry = Record<string, unknown>;

async function drawItems(
  entries: (gateway: ImageGateway) => Entry[],
  argv: readonly string[] = ['--json', 'A cat'],
): Promise<Drawn> {
  const gateway = await startImageGateway();
  gateway.script.poll = completed(...entries(gateway));
  return drawAt(gateway, argv);
}

const good = picture().toString('base64');
const damaged: [string, string][] = [
  ['a letter outside the alphabet', `${good.slice(0, 800)}*${good.slice(801)}`],
  ['a missing letter', good.slice(0, -1)],
  ['padding in the middle', `${good.slice(0, 100)}====${good.slice(100)}`],
  ['words', 'this is not base64!'],
];
const strange: [string, unknown][] = [
  ['a page', Buffer.from('<!DOCTYPE html><html></html>'.repeat(99)).toString('base64')],
  ['JSON', Buffer.from('{"error":"no"}').toString('base64')],
  ['a film', Buffer.from(`\0\0\0\x18ftypisom${'\0'.repeat(99)}`, 'latin1').toString('base64')],
  ['zeros', Buffer.alloc(5000).toString('base64')],
];

describe('an item that is no picture', () => {
  test.each([...damaged, ...strange])(
    '%s: 41, nothing saved, the reply kept',
    async (_name, b64_json) => {
      const drawn = await drawItems(() => [{ b64_json, mime_type: 'image/png' }]);
      const body = records(drawn.world)[0]?.body ?? '';
      expectFailed(drawn, {
        exit: 41,
        name: 'protocol',
        code: 'not_an_image',
        message: new RegExp(`saved in ${body}`),
        billed: 'yes',
      });
      expect(readFileSync(body, 'utf8')).toContain(JSON.stringify(b64_json));
      expect(namesIn(drawn.world.home)).toEqual([]);
    },
  );

  test('at its address, and nowhere else: 41, and what came is kept', async () => {
    const gateway = await startImageGateway({ file: sendFile(Buffer.alloc(5000)) });
    gateway.script.poll = completed(stored(gateway.fileUrl('a.png')));
    const drawn = await drawAt(gateway, ['--json', 'A cat']);
    expectFailed(drawn, {
      exit: 41,
      name: 'protocol',
      code: 'not_an_image',
      message: /saved in /,
      billed: 'yes',
    });
    const { message, task_id } = drawn.world.json().error as Record<string, string>;
    expect(task_id).toBe(taskId);
    expect(readFileSync(/saved in (.*)$/.exec(message ?? '')?.[1] ?? '')).toEqual(
      Buffer.alloc(5000),
    );
  });

  test.each([...damaged, ...strange])('%s: taken from its address', async (_name, b64_json) => {
    const drawn = await drawItems(
      (gateway) => [{ ...stored(gateway.fileUrl('a.png')), b64_json }],
      ['A cat'],
    );
    expect(drawn.code, drawn.world.err()).toBe(0);
    expectOneFile(drawn.world);
    expect(drawn.world.err()).toMatch(/^warning: .*URL instead/m);
    expect(namesIn(drawn.world.home)).toHaveLength(1);
  });

  test('beside a good one, and asked for again in vain: what came is kept, and the job is over', async () => {
    const poll = [
      completed(inline(picture(4000, 1)), { b64_json: 'this is not base64!' }),
      errorReply(410, 'image_already_retrieved'),
    ];
    const drawn = await draw({ poll }, ['--json', '-n', '2', 'A cat']);
    const [record] = records(drawn.world);
    expectFailed(drawn, {
      exit: 40,
      name: 'partial',
      code: 'image_already_retrieved',
      message: new RegExp(`1 of 2 files are saved.*saved in ${record?.remains}`),
      billed: 'yes',
    });
    expect(record).toMatchObject({ state: 'gone' });
    expect(readFileSync(record?.remains ?? '', 'utf8')).toContain('this is not base64!');
    const later = await resume(drawn.world, drawn.gateway);
    expect(later.world.err()).toBe('nothing to resume\n');
  });

  test('that the gateway does not send again for another reason is asked for by resume', async () => {
    const poll = [completed({ b64_json: 'this is not base64!' }), errorReply(403, 'forbidden')];
    const drawn = await draw({ poll }, ['--json', 'A cat']);
    expectFailed(drawn, { exit: 41, name: 'protocol', code: 'not_an_image', billed: 'yes' });
    drawn.gateway.script.poll = completed(inline(picture()));
    const later = await resume(drawn.world, drawn.gateway);
    expect(later.code, later.world.err()).toBe(0);
    expectOneFile(later.world);
  });

  test('at its address neither: 41', async () => {
    const drawn = await drawItems((gateway) => {
      gateway.script.file = sendFile(Buffer.from('nothing to see'), 'image/png');
      return [stored(gateway.fileUrl('a.png'))];
    });
    expectFailed(drawn, { exit: 41, name: 'protocol', code: 'not_an_image', billed: 'yes' });
  });

  test('a page at its address: 41', async () => {
    const drawn = await drawItems((gateway) => {
      gateway.script.file = sendFile(Buffer.from('<html></html>'), 'text/html');
      return [stored(gateway.fileUrl('a.png'))];
    });
    expectFailed(drawn, { exit: 41, name: 'protocol', code: 'not_a_file', billed: 'yes' });
  });
});

describe('base64 that is whole', () => {
  const forms: [string, string][] = [
    ['as a data: URL', `data:image/png;base64,${good}`],
    ['URL-safe', picture(4001).toString('base64url')],
  ];
  test.each(forms)('%s', async (name, b64_json) => {
    const drawn = await drawItems(() => [{ b64_json }], ['A cat']);
    expect(drawn.code, drawn.world.err()).toBe(0);
    expectOneFile(drawn.world, name === 'URL-safe' ? picture(4001) : picture());
  });

  test('of a large picture', async () => {
    const large = picture(9_000_001);
    const drawn = await drawItems(() => [inline(large)], ['A cat']);
    expect(drawn.code, drawn.world.err()).toBe(0);
    expectOneFile(drawn.world, large);
  });
});

describe('several items of which one is bad', () => {
  const three = (): Entry[] => [
    inline(picture(4000, 1)),
    { b64_json: 'this is not base64!' },
    inline(picture(4000, 3)),
  ];

  test('40: the others are saved and named, the reply is kept', async () => {
    const drawn = await drawItems(three, ['--json', '-n', '3', '-o', 'cat.png', 'A cat']);
    expectFailed(drawn, {
      exit: 40,
      name: 'partial',
      code: 'not_an_image',
      message: /2 of 3 files are saved.*saved in/,
      billed: 'yes',
    });
    const { files } = drawn.world.json() as { files: { path: string }[] };
    expect(files.map(({ path }) => path.slice(drawn.world.home.length + 1))).toEqual([
      'cat.png',
      'cat-3.png',
    ]);
    for (const [index, seed] of [1, 3].entries())
      expect(readFileSync(files[index]?.path ?? '').equals(picture(4000, seed))).toBe(true);
  });

  test('the paths of the good ones are on stdout', async () => {
    const drawn = await drawItems(three, ['-n', '3', 'A cat']);
    expect(drawn.code).toBe(40);
    expect(paths(drawn.world)).toHaveLength(2);
  });

  test('a dead address among them: 40, and resume makes up for it', async () => {
    const drawn = await drawItems((gateway) => {
      gateway.script.file = errorReply(404, 'gone');
      return [inline(picture(4000, 1)), stored(gateway.fileUrl('b.png'))];
    });
    expect(drawn.code, drawn.world.err()).toBe(40);
    drawn.gateway.script.file = sendFile(picture(4000, 2));
    const later = await resume(drawn.world, drawn.gateway);
    expect(later.code, later.world.err()).toBe(0);
    const [first, second] = paths(later.world);
    expect(readFileSync(first ?? '').equals(picture(4000, 1))).toBe(true);
    expect(readFileSync(second ?? '').equals(picture(4000, 2))).toBe(true);
    expect(namesIn(drawn.world.home)).toHaveLength(2);
  });
});
