import { describe, expect, test } from 'vitest';
import { lostReply } from '../../helpers/ask.ts';
import { type Drawn, draw, laterWorld, records, runIn } from '../../helpers/image.ts';
import { created, state } from '../../helpers/image-replies.ts';
import { taskId as videoId } from '../../helpers/video-gateway.ts';
import { failureOf, laterProcess, recordOf, withGateway } from '../../helpers/video-world.ts';

const ids = ['igen_aaaa00000000000000000001', 'igen_aaab00000000000000000002'] as const;

/** Two open jobs of one journal, of the two ids. */
async function twoJobs(): Promise<Drawn> {
  const script = { create: created(ids[0]), poll: state('queued') };
  const drawn = await draw(script, ['--async', 'A cat']);
  drawn.gateway.script.create = created(ids[1]);
  await runIn(drawn.world, 'image', '--async', 'A dog');
  expect(records(drawn.world)).toHaveLength(2);
  return drawn;
}

async function tasks(
  drawn: Drawn,
  ...argv: string[]
): Promise<{ code: number; err: string; out: string }> {
  const world = laterWorld(drawn.world, drawn.gateway);
  const code = await runIn(world, 'tasks', ...argv);
  return { code, err: world.err(), out: world.out() };
}

describe('an id can be shortened to what is unique', () => {
  test.each(['show', 'resume', 'cancel', 'forget'])(
    'tasks %s: 2 for several, and names them',
    async (verb) => {
      const { code, err } = await tasks(await twoJobs(), verb, 'igen_aaa');
      expect(code).toBe(2);
      expect(err).toContain('igen_aaa matches 2 tasks');
      expect(err).toContain(ids[0]);
      expect(err).toContain(ids[1]);
    },
  );

  test('tasks show takes the one that is meant', async () => {
    const drawn = await twoJobs();
    expect((await tasks(drawn, 'show', 'igen_aaab')).out).toContain(ids[1]);
    expect((await tasks(drawn, 'show', String(records(drawn.world)[0]?.id))).out).toContain(ids[0]);
  });

  test.each(['show', 'cancel', 'forget'])('tasks %s: 24 for none', async (verb) => {
    const argv = verb === 'cancel' ? 'job_ffffff' : 'igen_ffff';
    const { code } = await tasks(await twoJobs(), verb, argv);
    expect(code).toBe(24);
  });
});

describe('Tab completes ids', () => {
  const words = async (drawn: Drawn, ...line: string[]): Promise<string[]> => {
    const world = laterWorld(drawn.world, drawn.gateway);
    await runIn(world, 'completion', 'words', '--', ...line);
    return world.out().split('\n').slice(0, -1);
  };

  test('of show, resume and forget, and of cancel only what can be cancelled', async () => {
    const drawn = await twoJobs();
    for (const verb of ['show', 'resume', 'forget'])
      expect((await words(drawn, 'tasks', verb, '')).sort()).toEqual([...ids]);
    expect(await words(drawn, 'tasks', 'resume', 'igen_aaab')).toEqual([ids[1]]);
    expect(await words(drawn, 'tasks', 'cancel', '')).toEqual([]);
    expect(await words(drawn, 'tasks', 'resume', ids[0], '')).toEqual([]);
    expect(await words(drawn, 'tasks', 'forget', ids[0], '')).toEqual([ids[1]]);
    expect(await words(drawn, 'tasks', 'list', '')).toEqual([]);
    const own = records(drawn.world).map(({ id }) => id);
    expect((await words(drawn, 'tasks', 'show', 'job_')).sort()).toEqual(own.sort());
  });

  test('of a video that runs', async () => {
    const { gateway, world } = await withGateway();
    await world.video('A boat', '--async');
    const later = laterProcess(world, gateway);
    await later.run('completion', 'words', '--', 'tasks', 'cancel', '');
    expect(later.out()).toBe(`${videoId()}\n`);
  });

  test('of a job whose reply was lost: ours', async () => {
    const { gateway, world } = await withGateway({ create: lostReply });
    await world.video('A boat');
    const later = laterProcess(world, gateway);
    await later.run('completion', 'words', '--', 'tasks', 'resume', '');
    expect(later.out()).toBe(`${recordOf(world).id}\n`);
  });
});

describe('a hint names what can help', () => {
  test('an image that is over has nothing to resume', async () => {
    const drawn = await draw();
    const [record] = records(drawn.world);
    const { code, err } = await tasks(drawn, 'cancel', String(record?.id));
    expect(code).toBe(2);
    expect(err).toContain('has already ended');
    expect(err).not.toContain('resume');
    expect(err).not.toContain('be charged');
  });

  test('one that runs can be resumed', async () => {
    const { gateway, world } = await withGateway({ create: lostReply });
    await world.video('A boat');
    const later = laterProcess(world, gateway);
    expect(await later.tasks('cancel', recordOf(world).id)).toBe(2);
    expect(failureOf(later).hint).toContain('tasks resume');
  });
});
