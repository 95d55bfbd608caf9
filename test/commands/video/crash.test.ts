import { describe, expect, test } from 'vitest';
import { killedAt } from '../../helpers/video-crash.ts';
import type { VideoGateway } from '../../helpers/video-gateway.ts';
import { film, listed, type Script, taskId } from '../../helpers/video-gateway.ts';
import {
  bytesOf,
  filesIn,
  journalOf,
  laterProcess,
  systemError,
  type VideoWorld,
  withGateway,
} from '../../helpers/video-world.ts';

const out = ['A boat', '-o', 'a.mp4'] as const;
const script: Script = {
  list: listed({
    id: taskId(),
    status: 'processing',
    model: 'seedance-1.5-pro',
    created_at: '2026-11-22T12:00:00Z',
  }),
};
const noLinks = {
  link: async (): Promise<void> => {
    throw systemError('EPERM');
  },
};

/** What a person does after a crash: resume all, and take the task that is offered. */
async function comeBack(first: VideoWorld, gateway: VideoGateway, what: string): Promise<void> {
  const all = laterProcess(first, gateway, { processId: 5001 });
  const code = await all.tasks('resume', '--all');
  if (code !== 46) return expect(code, `${what}\n${all.err()}`).toBe(0);
  const [record] = journalOf(first);
  const adopting = laterProcess(first, gateway, { processId: 5002 });
  expect(
    await adopting.tasks('resume', String(record?.id), '--adopt', taskId()),
    `${what}\n${adopting.err()}`,
  ).toBe(0);
}

describe.each([
  ['with hard links', {}],
  ['without hard links', noLinks],
])('video, killed at any change on disk, %s,', (_what, more) => {
  test.each(['before', 'after'])('%s it, loses nothing and buys nothing twice', async (when) => {
    let died = true;
    for (let nth = 1; died; nth += 1) {
      const crash = killedAt(nth, when === 'after');
      const { gateway, world } = await withGateway(script, {
        files: { ...crash.files, ...more },
      });
      const ended = world.video(...out).then(() => 'ended');
      const what = await Promise.race([crash.died, ended]);
      died = what !== 'ended';
      const bought = gateway.to('create').length;
      await comeBack(world, gateway, what);
      expect(gateway.to('create').length, what).toBe(bought);
      expect(bought, what).toBeLessThanOrEqual(1);
      // A try whether the directory can be written to may stay behind, empty: nothing is bought then.
      const saved = filesIn(world).filter((name) => !name.startsWith('.alltoken-'));
      if (bought === 1 || journalOf(world).length > 0) {
        expect(saved, what).toEqual(['a.mp4']);
        expect(bytesOf(world, 'a.mp4').equals(film()), what).toBe(true);
        expect(journalOf(world), what).toMatchObject([{ state: 'done' }]);
      } else expect(saved, what).toEqual([]);
      if (!died) expect(nth).toBeGreaterThan(15);
    }
  });
});
