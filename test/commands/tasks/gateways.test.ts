import { describe, expect, test } from 'vitest';
import { expectNoKey, secretKey } from '../../helpers/ask.ts';
import { fakeDeps } from '../../helpers/fake-deps.ts';
import { taskId } from '../../helpers/video-gateway.ts';
import {
  bytesOf,
  failureOf,
  laterProcess,
  recordOf,
  videoWorld,
  withGateway,
} from '../../helpers/video-world.ts';

const id = taskId();

describe('tasks resume goes back to the gateway that sold it', () => {
  test('whatever the environment says by now', async () => {
    const { gateway, world } = await withGateway();
    const other = await withGateway();
    await world.video('A boat', '--async', '-o', 'a.mp4');
    const later = laterProcess(world, other.gateway, { env: { ALLTOKEN_GATEWAY: 'tokenhub' } });
    expect(await later.tasks('resume', id), later.err()).toBe(0);
    expect(gateway.to('poll')).toHaveLength(1);
    expect(other.gateway.requests).toEqual([]);
    expect(bytesOf(world, 'a.mp4')).toHaveLength(40_000);
  });

  test('with a warning when the key is another one', async () => {
    const { gateway, world } = await withGateway();
    await world.video('A boat', '--async');
    const key = 'sk-at-another-0123456789abcdef';
    const later = laterProcess(world, gateway, { env: { ALLTOKEN_API_KEY: key } });
    expect(await later.tasks('resume', id)).toBe(0);
    expect(later.err()).toContain('was created with another key');
    expect(gateway.to('poll')[0]?.headers.authorization).toBe(`Bearer ${key}`);
    expectNoKey(world, key);
    expect(JSON.stringify(recordOf(world))).not.toContain(key);
  });

  test('without one when it is the same', async () => {
    const { gateway, world } = await withGateway();
    await world.video('A boat', '--async');
    const later = laterProcess(world, gateway);
    await later.tasks('resume', id);
    expect(later.err()).not.toContain('another key');
    expect(recordOf(world).key_mark).toMatch(/^[0-9a-f]{12}$/);
    expect(JSON.stringify(recordOf(world))).not.toContain(secretKey);
  });

  test('and says when no key is there', async () => {
    const { gateway, world } = await withGateway();
    await world.video('A boat', '--async');
    const later = laterProcess(world, gateway, { env: { ALLTOKEN_API_KEY: '' } });
    expect(await later.tasks('resume', id)).toBe(20);
    expect(gateway.to('poll')).toEqual([]);
    expect(recordOf(world)).toMatchObject({ state: 'submitted' });
  });

  test('but never hands a stored key to another origin', async () => {
    const { gateway, world } = await withGateway();
    const elsewhere = await withGateway();
    const ours = { kind: 'alltoken', base_url: gateway.baseUrl, api_key_command: ['key'] };
    const runCommand = (): { exitCode: number; stdout: string; stderr: string } => ({
      exitCode: 0,
      stdout: secretKey,
      stderr: '',
    });
    const plain = { ALLTOKEN_API_KEY: '', ALLTOKEN_BASE_URL: '' };
    world.write('config.json', JSON.stringify({ gateways: { ours } }));
    const buyer = laterProcess(world, gateway, { env: plain, runCommand });
    expect(await buyer.video('-g', 'ours', 'A boat', '--async'), buyer.err()).toBe(0);
    // The same name stands for another place now.
    const moved = { ...ours, base_url: elsewhere.gateway.baseUrl };
    world.write('config.json', JSON.stringify({ gateways: { ours: moved } }));
    const later = laterProcess(world, gateway, { env: plain, runCommand, processId: 4713 });
    expect(await later.tasks('resume', id)).toBe(20);
    expect(later.err()).toContain('is stored for');
    expect([...gateway.to('poll'), ...elsewhere.gateway.requests]).toEqual([]);
  });

  test('and says when the config no longer knows that gateway', async () => {
    const { gateway, world } = await withGateway();
    const ours = { kind: 'alltoken', base_url: gateway.baseUrl, api_key_env: 'OURS_KEY' };
    const env = { OURS_KEY: 'sk-at-ours-0123456789', ALLTOKEN_BASE_URL: '' };
    world.write('config.json', JSON.stringify({ gateways: { ours } }));
    const buyer = laterProcess(world, gateway, { env });
    expect(await buyer.video('-g', 'ours', 'A boat', '--async')).toBe(0);
    world.write('config.json', '{}');
    const later = laterProcess(world, gateway, { env, processId: 4713 });
    expect(await later.tasks('resume', id)).toBe(2);
    expect(failureOf(later).line).toContain('ours');
    expect(recordOf(world)).toMatchObject({ state: 'submitted' });
  });

  test('or says that it is over when it was a sandbox of that command', async () => {
    const { gateway, world } = await withSandboxTask('--wait', '0');
    expect(world.err()).toContain('submitted; this sandbox ends with the command');
    expect(world.err()).not.toContain('tasks resume');
    expect(failureOf(world).hint).toMatch(
      /order it again, or on one that lasts: alltoken sandbox$/,
    );
    for (const subcommand of ['show', 'cancel', 'resume', 'show']) {
      const later = laterProcess(world, gateway, own);
      const code = await later.tasks(subcommand, recordOf(world).id);
      expect(code, later.err()).toBe(subcommand === 'show' ? 0 : 43);
      expect(later.out() + later.err()).toContain('ended with its sandbox');
      expect(later.out() + later.err()).not.toMatch(/queued|try 2|tasks resume/);
    }
    const list = fakeDeps({ env: { ALLTOKEN_HOME: world.home } });
    expect(await list.run('tasks')).toBe(0);
    expect(list.out()).toContain('\tgone\t');
    // Nothing was ordered from the gateway that has no key.
    expect(list.err()).toBe('');
  });

  test('which is forgotten without --force', async () => {
    const { gateway, world } = await withSandboxTask('--async');
    const later = laterProcess(world, gateway, own);
    expect(await later.tasks('forget', recordOf(world).id), later.err()).toBe(0);
  });

  test('also when a sandbox that ended broke off while it took the order', async () => {
    const { gateway } = await withGateway();
    const env = { ...own.env, ALLTOKEN_SANDBOX_FAULT: 'lost-reply' };
    const world = videoWorld(gateway, { env });
    expect(await world.run('image', '-g', 'sandbox', 'A boat')).toBe(46);
    expect(world.err()).not.toContain('tasks resume');
    const later = laterProcess(world, gateway, own);
    expect(await later.tasks('resume', recordOf(world).id)).toBe(43);
  });

  test.each(['no-result', 'half-body', 'poll-errors', 'claimed'])(
    'also after %s, whatever is on disk: nobody is waited for',
    async (fault) => {
      const { gateway } = await withGateway();
      const world = videoWorld(gateway, { env: { ...own.env, ALLTOKEN_SANDBOX_FAULT: fault } });
      await world.run('image', '-g', 'sandbox', '--wait', '4', 'A boat');
      const later = laterProcess(world, gateway, own);
      expect(await later.tasks('resume', '--all'), later.err()).toBeGreaterThan(0);
      expect(later.err()).not.toMatch(/still waiting|try 2/);
    },
  );

  test('a result that went to standard output is not on disk, and no sandbox has it', async () => {
    const { gateway } = await withGateway();
    const world = videoWorld(gateway, own);
    expect(await world.run('image', '-g', 'sandbox', '-o', '-', 'A boat')).toBe(0);
    const show = laterProcess(world, gateway, own);
    expect(await show.tasks('show', recordOf(world).id)).toBe(0);
    expect(show.out()).toContain('done: the result went to standard output');
    const later = laterProcess(world, gateway, own);
    expect(await later.tasks('resume', recordOf(world).id)).toBe(43);
    expect(later.err()).not.toContain('try 2');
    expect(recordOf(world)).toMatchObject({ state: 'done' });
  });

  test('--async of a sandbox of that command warns', async () => {
    const { gateway } = await withGateway();
    const world = videoWorld(gateway, { env: { ALLTOKEN_BASE_URL: '' } });
    expect(await world.video('-g', 'sandbox', 'A boat', '--async')).toBe(0);
    expect(world.err()).toContain('this sandbox and its tasks end with the command');
    const later = laterProcess(world, gateway, { env: { ALLTOKEN_BASE_URL: '' } });
    expect(await later.tasks('resume', '--all')).toBe(43);
    expect(later.err()).toContain('ended with its sandbox');
    expect(gateway.requests).toEqual([]);
  });
});

const own = { env: { ALLTOKEN_BASE_URL: '' } };

/** A task that the sandbox of a command had, which has ended. */
async function withSandboxTask(...flags: string[]): ReturnType<typeof withGateway> {
  const { gateway } = await withGateway();
  const world = videoWorld(gateway, own);
  await world.video('-g', 'sandbox', 'A boat', ...flags);
  return { gateway, world };
}

describe('tasks show and cancel', () => {
  test('go back to it, too', async () => {
    const { gateway, world } = await withGateway();
    const other = await withGateway();
    await world.video('A boat', '--async');
    const seen = laterProcess(world, other.gateway);
    expect(await seen.tasks('show', id)).toBe(0);
    const later = laterProcess(world, other.gateway);
    expect(await later.tasks('cancel', id)).toBe(0);
    expect(gateway.to('cancel')).toHaveLength(1);
    expect(other.gateway.requests).toEqual([]);
  });
});
