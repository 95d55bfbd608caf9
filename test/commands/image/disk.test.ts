import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  type Drawn,
  drawAt,
  expectFailed,
  expectOneFile,
  namesIn,
  records,
  resume,
} from '../../helpers/image.ts';
import { failingFiles, type Operation } from '../../helpers/image-faults.ts';
import { startImageGateway } from '../../helpers/image-gateway.ts';
import {
  completed,
  errorReply,
  inline,
  picture,
  stored,
  taskId,
} from '../../helpers/image-replies.ts';

/** The picture is told once; later there is only its address. */
async function drawOn(
  code: string,
  where: (operation: Operation) => boolean,
  argv: readonly string[] = ['--json', '-o', 'cat.png', 'A cat'],
): Promise<Drawn> {
  const gateway = await startImageGateway();
  const url = gateway.fileUrl('a.png');
  gateway.script.poll = [completed(inline(picture(), url)), completed(stored(url))];
  return drawAt(gateway, argv, { files: failingFiles(code, where) });
}

const codes = ['ENOSPC', 'EDQUOT', 'EACCES', 'EROFS', 'EIO'];

/** The disk is mended: one create in all, and the right file. */
async function expectResumable({ world, gateway }: Drawn): Promise<void> {
  const later = await resume(world, gateway);
  expect(later.code, later.world.err()).toBe(0);
  expect(expectOneFile(later.world)).toBe(join(world.home, 'cat.png'));
  expect(namesIn(world.home)).toEqual(['cat.png']);
  expect(gateway.to('create')).toHaveLength(1);
  expect(records(world)).toMatchObject([{ state: 'done' }]);
}

describe('a disk that refuses before the purchase', () => {
  const early: [string, (operation: Operation) => boolean][] = [
    [
      'the journal’s directory',
      ({ name, path }) => name === 'makeDirectory' && path.endsWith('tasks'),
    ],
    ['the lock', ({ label }) => /^openToWrite job\.lock/.test(label)],
    ['the record', ({ label }) => label === 'replace job.json'],
  ];
  for (const [what, where] of early)
    test.each(codes)(`${what}: %s: 50, no request`, async (code) => {
      const drawn = await drawOn(code, where);
      expectFailed(drawn, { exit: 50, name: 'local_io', code, hint: /--no-journal/, billed: 'no' });
      expect(drawn.gateway.requests).toEqual([]);
      expect(namesIn(drawn.world.home)).toEqual([]);
    });

  test.each(codes)('the target: %s: 50, no request', async (code) => {
    const drawn = await drawOn(code, ({ label }) => label.startsWith('openToWrite .alltoken-'));
    expectFailed(drawn, { exit: 50, name: 'local_io', code, hint: /-o/, billed: 'no' });
    expect(drawn.gateway.requests).toEqual([]);
    expect(drawn.world.ledger()).toEqual([]);
  });

  test('with --no-journal the journal is not needed', async () => {
    const drawn = await drawOn('EROFS', ({ path }) => path.includes('/tasks'), [
      '--no-journal',
      '-o',
      'cat.png',
      'A cat',
    ]);
    expect(drawn.code, drawn.world.err()).toBe(0);
    expectOneFile(drawn.world);
  });

  test('a ledger that cannot be written is a warning, not the end', async () => {
    const drawn = await drawOn('ENOSPC', ({ name }) => name === 'appendLine', ['A cat']);
    expect(drawn.code, drawn.world.err()).toBe(0);
    expect(drawn.world.err()).toMatch(/^warning: .*ledger/m);
    expectOneFile(drawn.world);
  });
});

describe('a disk that refuses after the purchase', () => {
  // While the reply is on its way nobody has said yet that it is the result.
  const late: [string, string, 'unknown' | 'yes'][] = [
    ['opening the spool', 'openToWrite job.reply', 'unknown'],
    ['writing the spool', 'write job.reply', 'unknown'],
    ['syncing the spool', 'sync job.reply', 'unknown'],
    ['reading the spool', 'openToRead job.reply', 'unknown'],
    ['naming the spool', 'rename job.body', 'unknown'],
    ['opening the temporary file', 'openToWrite .job-0.part', 'yes'],
    ['writing the temporary file', 'write .job-0.part', 'yes'],
    ['syncing the temporary file', 'sync .job-0.part', 'yes'],
  ];
  for (const [what, operation, billed] of late)
    test.each(codes)(`${what}: %s: 50, and resume finishes it`, async (code) => {
      const drawn = await drawOn(code, ({ label }) => label === operation);
      expectFailed(drawn, {
        exit: 50,
        name: 'local_io',
        code,
        hint: /tasks resume igen_/,
        billed,
      });
      await expectResumable(drawn);
    });

  test.each(['ENOSPC', 'EDQUOT', 'EROFS', 'EIO'])(
    'giving the name: %s: 50, and resume finishes it',
    async (code) => {
      const drawn = await drawOn(code, ({ label }) => label === 'link cat.png');
      expectFailed(drawn, {
        exit: 50,
        name: 'local_io',
        code,
        hint: /tasks resume/,
        billed: 'yes',
      });
      await expectResumable(drawn);
    },
  );

  test.each(codes)(
    'a reply that is sent once and cannot be read: %s: it is not asked for again, and resume finishes it',
    async (code) => {
      const gateway = await startImageGateway();
      gateway.script.poll = [
        completed(inline(picture())),
        errorReply(410, 'image_already_retrieved'),
      ];
      const files = failingFiles(code, ({ label }) => label === 'openToRead job.reply');
      const drawn = await drawAt(gateway, ['--json', '-o', 'cat.png', 'A cat'], { files });
      expectFailed(drawn, { exit: 50, name: 'local_io', code, billed: 'unknown' });
      // Nor by a resume before the disk is mended.
      const between = await resume(drawn.world, gateway, ['--all'], { files });
      expect(between.code).toBe(50);
      expect(gateway.to('poll')).toHaveLength(1);
      await expectResumable(drawn);
      expect(gateway.to('poll')).toHaveLength(1);
    },
  );

  test.each(['EIO', 'ENOSPC'])(
    'a reply that is sent once, and written but not synced: %s: resume finishes it from what is there',
    async (code) => {
      const gateway = await startImageGateway();
      gateway.script.poll = [
        completed(inline(picture())),
        errorReply(410, 'image_already_retrieved'),
      ];
      const files = failingFiles(code, ({ label }) => label === 'sync job.reply');
      const drawn = await drawAt(gateway, ['--json', '-o', 'cat.png', 'A cat'], { files });
      expectFailed(drawn, {
        exit: 50,
        name: 'local_io',
        code,
        hint: /tasks resume igen_/,
        billed: 'unknown',
      });
      await expectResumable(drawn);
      expect(gateway.to('poll')).toHaveLength(1);
    },
  );

  test('a kept reply that the disk has spoilt is no bug of ours, and ends the job where the gateway has it no more', async () => {
    const gateway = await startImageGateway();
    gateway.script.poll = [completed(inline(picture()))];
    const files = failingFiles('EIO', ({ label }) => label === 'write .job-0.part');
    const drawn = await drawAt(gateway, ['--json', '-o', 'cat.png', 'A cat'], { files });
    const body = records(drawn.world)[0]?.body ?? '';
    writeFileSync(body, Buffer.alloc(readFileSync(body).length));
    gateway.script.poll = [errorReply(410, 'image_already_retrieved')];
    const later = await resume(drawn.world, gateway);
    expectFailed(later, {
      exit: 42,
      name: 'already_retrieved',
      message: new RegExp(`saved in ${body}`),
      hint: /a new run, which is billed again/,
      billed: 'yes',
    });
    expect(later.world.err()).toContain('the saved response is damaged');
    expect(records(drawn.world)).toMatchObject([{ state: 'gone', remains: body }]);
    const last = await resume(drawn.world, gateway);
    expect(last.code, last.world.err()).toBe(0);
    expect(last.world.err()).toBe('nothing to resume\n');
  });

  test('the message names the kept reply, which holds the picture', async () => {
    const drawn = await drawOn('ENOSPC', ({ label }) => label === 'write .job-0.part');
    const body = records(drawn.world)[0]?.body ?? '';
    expectFailed(drawn, {
      exit: 50,
      name: 'local_io',
      message: new RegExp(`no space left on device; the result is saved in ${body}`),
      hint: /free disk space/,
      billed: 'yes',
    });
    expect(readFileSync(body, 'utf8')).toContain(picture().toString('base64'));
  });

  test('the sync of the target’s directory is not in vain', async () => {
    const drawn = await drawOn(
      'EIO',
      ({ name, path }) => name === 'syncDirectory' && !path.endsWith('tasks'),
    );
    expectFailed(drawn, { exit: 50, name: 'local_io', code: 'EIO', billed: 'yes' });
    await expectResumable(drawn);
  });

  test.each(codes)(
    'the journal from the reply on: %s: a warning, the picture all the same',
    async (code) => {
      let writes = 0;
      const drawn = await drawOn(
        code,
        ({ label }) => {
          if (label === 'replace job.json') writes += 1;
          return label === 'replace job.json' && writes > 1;
        },
        ['-q', '-o', 'cat.png', 'A cat'],
      );
      expect(drawn.code, drawn.world.err()).toBe(0);
      expectOneFile(drawn.world);
      expect(drawn.world.err().match(/^warning: .*journal.*cannot be written/gm)).toHaveLength(1);
    },
  );

  test.each(codes)(
    'the journal from the reply on, and where the picture goes: %s: a resume finds it in the response',
    async (code) => {
      let writes = 0;
      const drawn = await drawOn(
        code,
        ({ label }) => {
          if (label === 'replace job.json') writes += 1;
          return label.endsWith('.part') || (label === 'replace job.json' && writes > 1);
        },
        ['-o', 'cat.png', 'A cat'],
      );
      expect(drawn.code, drawn.world.err()).toBe(50);
      const later = await resume(drawn.world, drawn.gateway, ['--all']);
      expect(later.code, later.world.err()).toBe(0);
      expectOneFile(later.world);
      expect(drawn.gateway.to('create')).toHaveLength(1);
      expect(drawn.gateway.to('poll')).toHaveLength(1);
      expect(records(drawn.world)).toMatchObject([{ state: 'done', task_id: taskId }]);
    },
  );

  test.each(codes)(
    'the journal for a while: %s: the record is written at the end',
    async (code) => {
      let isFull = false;
      const drawn = await drawOn(code, ({ label }) => {
        if (label === 'openToWrite job.reply') isFull = true;
        if (label.endsWith('.part')) {
          isFull = false;
          return true;
        }
        return isFull && label === 'replace job.json';
      });
      expect(drawn.code, drawn.world.err()).toBe(50);
      expect(records(drawn.world)).toMatchObject([{ state: 'received' }]);
    },
  );
});
