import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  besideRecords,
  type Drawn,
  drawAt,
  imageWorld,
  namesIn,
  records,
  resume,
} from '../../helpers/image.ts';
import { type Fate, fatefulFiles, type Operation } from '../../helpers/image-faults.ts';
import { type ImageGateway, startImageGateway } from '../../helpers/image-gateway.ts';
import {
  completed,
  created,
  errorReply,
  inline,
  picture,
  processing,
  stored,
  taskId,
} from '../../helpers/image-replies.ts';
import { isTurnOf } from '../../helpers/share.ts';

/** Remembers keys for a minute and tells the picture once, as the real one does. */
async function honestGateway(): Promise<ImageGateway> {
  const gateway = await startImageGateway();
  const url = gateway.fileUrl('a.png');
  gateway.script = {
    create: [created(), errorReply(409, 'duplicate_request', { task_id: taskId })],
    poll: [processing(), completed(inline(picture(), url)), completed(stored(url))],
  };
  return gateway;
}

/** The operations of one good run. A quarter of them is tried each day. */
async function operationsOf(argv: readonly string[]): Promise<Operation[]> {
  const seen: Operation[] = [];
  const files = fatefulFiles((operation) => {
    seen.push(operation);
    return 'usual';
  });
  const { code } = await drawAt(await honestGateway(), argv, { files });
  expect(code).toBe(0);
  return seen;
}

/** The nth operation meets its fate; resolves when the run is over or dead. */
async function runUntil(argv: readonly string[], nth: number, fate: Fate): Promise<Drawn> {
  const gateway = await honestGateway();
  let count = 0;
  let reached = (): void => {};
  const dead = new Promise<void>((resolve) => {
    reached = resolve;
  });
  const files = fatefulFiles(() => {
    count += 1;
    return count === nth ? fate : 'usual';
  }, reached);
  const world = imageWorld(gateway, { files });
  const running = world.run('image', ...argv);
  if (typeof fate === 'object') return { code: await running, world, gateway };
  await dead;
  return { code: -1, world, gateway };
}

/** Resumed twice in new processes: bought at most once, and the file is there if it was bought. */
async function problemOf({ world, gateway }: Drawn): Promise<string | null> {
  const [record] = records(world);
  if (record === undefined)
    return gateway.to('create').length === 0 ? null : 'bought, and no record';
  const path = join(world.home, 'cat.png');
  const first = await resume(world, gateway, [record.id]);
  if (first.code !== 0) return `resume: ${first.code} ${first.world.err().trim()}`;
  const second = await resume(world, gateway, [record.id]);
  if (second.code !== 0) return `second resume: ${second.code} ${second.world.err().trim()}`;
  if (!existsSync(path) || !readFileSync(path).equals(picture())) return 'the file is not right';
  const keys = gateway.to('create').map(({ headers }) => headers['idempotency-key']);
  if (new Set(keys).size !== 1) return `${keys.length} purchases`;
  const left = [...namesIn(world.home), ...namesIn(join(world.home, 'tasks'))].filter(
    (name) => name !== 'cat.png' && !/\.(json|body)$/.test(name),
  );
  return left.length === 0 ? null : `left behind: ${left.join(', ')}`;
}

async function problems(argv: readonly string[], fate: Fate): Promise<string[]> {
  const found: string[] = [];
  for (const [index, { label, writes, mayFail }] of (await operationsOf(argv)).entries()) {
    if ((typeof fate === 'object' ? !mayFail : !writes) || !isTurnOf(index, 4)) continue;
    const problem = await problemOf(await runUntil(argv, index + 1, fate));
    if (problem !== null) found.push(`${index + 1} ${label}: ${problem}`);
  }
  return found;
}

const ways: [string, string[]][] = [
  ['-o cat.png', ['-o', 'cat.png', 'A cat']],
  ['-o cat.png --force', ['-o', 'cat.png', '--force', 'A cat']],
];

describe.each(ways)('image %s, at each file operation in turn', (_name, argv) => {
  test('dies before it: resume finishes it, one purchase', async () => {
    expect(await problems(argv, 'dies before')).toEqual([]);
  });

  test('dies after it: resume finishes it, one purchase', async () => {
    expect(await problems(argv, 'dies after')).toEqual([]);
  });

  test.each(['ENOSPC', 'EIO', 'EACCES'])(
    '%s once: resume finishes it, one purchase',
    async (code) => {
      expect(await problems(argv, { code })).toEqual([]);
    },
  );
});

test('a reply that is kept when the process dies goes away once its file is safe', async () => {
  const argv = ['-o', 'cat.png', 'A cat'];
  const at = (await operationsOf(argv)).findIndex(({ label }) => label === 'remove job.body');
  const { world, gateway } = await runUntil(argv, at + 1, 'dies before');
  const later = await resume(world, gateway, [records(world)[0]?.id ?? '']);
  expect(later.code, later.world.err()).toBe(0);
  expect(besideRecords(world)).toEqual([]);
});

test('a reply whose writer died before its sync is durable before the record relies on it', async () => {
  const argv = ['-o', 'cat.png', 'A cat'];
  const at = (await operationsOf(argv)).findIndex(({ label }) => label === 'sync job.reply');
  const { world, gateway } = await runUntil(argv, at + 1, 'dies before');
  const seen: string[] = [];
  const files = fatefulFiles(({ label }) => {
    seen.push(label);
    return 'usual';
  });
  const later = await resume(world, gateway, [records(world)[0]?.id ?? ''], { files });
  expect(later.code, later.world.err()).toBe(0);
  const steps = ['sync job.reply', 'rename job.body', 'replace job.json'];
  expect(seen.filter((label) => steps.includes(label)).slice(0, 3)).toEqual(steps);
});

describe('a file operation that fails once', () => {
  // A config that cannot be read is not guessed: 20.
  const expected = new Set([0, 20, 50]);
  test.each(['ENOSPC', 'EIO', 'EACCES', 'EROFS'])(
    '%s ends in 0 or 50, never as a bug',
    async (code) => {
      const argv = ['--json', '-o', 'cat.png', 'A cat'];
      const wrong: string[] = [];
      for (const [index, { label, mayFail }] of (await operationsOf(argv)).entries()) {
        if (!mayFail || !isTurnOf(index, 4)) continue;
        const drawn = await runUntil(argv, index + 1, { code });
        if (!expected.has(drawn.code))
          wrong.push(`${index + 1} ${label}: ${drawn.code} ${drawn.world.err().trim()}`);
      }
      expect(wrong).toEqual([]);
    },
  );
});
