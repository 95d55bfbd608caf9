import { expect, test } from 'vitest';
import { files } from '../../../src/system/files.ts';
import { taskId } from '../../helpers/video-gateway.ts';
import {
  errorOf,
  laterProcess,
  recordOf,
  type VideoWorld,
  withGateway,
} from '../../helpers/video-world.ts';

const id = taskId();

/** A later process on a disk that removes nothing whose path matches. */
async function stubborn(path: RegExp, code: string): Promise<VideoWorld> {
  const { gateway, world } = await withGateway();
  await world.video('A boat', '--async');
  return laterProcess(world, gateway, {
    files: {
      async remove(at) {
        if (path.test(at)) throw Object.assign(new Error(`${code}: unlink`), { code });
        await files.remove(at);
      },
    },
  });
}

test.each(['EIO', 'EROFS', 'EACCES'])(
  'a lock that cannot be removed (%s) does not make a cancelled task a failure',
  async (code) => {
    const world = await stubborn(/\.lock-/, code);
    expect(await world.tasks('cancel', id), world.err()).toBe(0);
    expect(recordOf(world)).toMatchObject({ state: 'ended', status: 'cancelled' });
  },
);

test.each(['EIO', 'EROFS', 'EACCES', 'ENOSPC', 'EMFILE'])(
  'a record that cannot be removed (%s) is this machine’s failure, not a bug',
  async (code) => {
    const world = await stubborn(/job_\w+\.json$/, code);
    expect(await world.tasks('forget', id, '--force', '--json')).toBe(50);
    expect(errorOf(world)).toMatchObject({ name: 'local_io', code, billed: 'unknown' });
  },
);
