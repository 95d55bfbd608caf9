import { chmodSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Files } from '../../../../src/base/deps.ts';
import { files as realFiles } from '../../../../src/system/files.ts';
import { errLines, filesBelow } from '../../../helpers/ask.ts';
import { checkOf, checks, doctor } from '../../../helpers/doctor.ts';
import type { FakeOptions, FakeWorld } from '../../../helpers/fake-deps.ts';

const inSandbox = (
  options: FakeOptions = {},
  prepare?: (world: FakeWorld) => void,
): Promise<{ code: number; world: FakeWorld }> =>
  doctor(['-g', 'sandbox', '--json'], options, prepare);

describe('config doctor, versions', () => {
  const { engines } = JSON.parse(
    readFileSync(new URL('../../../../package.json', import.meta.url), 'utf8'),
  ) as { engines: { node: string } };
  const oldest = engines.node.replace('>=', '');

  test('names both', async () => {
    const { world } = await inSandbox({ nodeVersion: '24.1.0' });
    expect(checkOf(world, 'versions')).toMatchObject({
      ok: true,
      detail: 'alltoken 0.0.0-test, Node 24.1.0',
    });
  });

  test.each([oldest, '20.19.0', '21.0.0', '100.0.0'])('Node %s is new enough', async (version) => {
    const { code } = await inSandbox({ nodeVersion: version });
    expect(code).toBe(0);
  });

  test.each(['20.18.0', '20.9.9', '18.20.8', '9.99.99'])(
    '50: Node %s is not, and the rest is checked all the same',
    async (version) => {
      const { code, world } = await inSandbox({ nodeVersion: version });
      expect(code).toBe(50);
      expect(world.json().error).toMatchObject({ code: 'old_node', billed: 'no' });
      expect(checkOf(world, 'versions')?.detail).toContain(`${oldest} or later`);
      expect(checkOf(world, 'models')?.ok).toBe(true);
      expect(errLines(world)[1]).toContain('nodejs.org');
    },
  );

  test('the first failure decides the exit code', async () => {
    const { code, world } = await doctor(['-g', 'nope', '--json'], { nodeVersion: '18.0.0' });
    expect(code).toBe(50);
    expect(checks(world).filter(({ ok }) => !ok)).toHaveLength(2);
  });
});

describe('config doctor, permissions', () => {
  test('nobody else may read or change what is there', async () => {
    const { world } = await inSandbox({}, ({ home, write }) => {
      chmodSync(write('config.json', '{}'), 0o600);
      mkdirSync(join(home, 'ledger'), { mode: 0o700 });
    });
    expect(checkOf(world, 'permissions')).toMatchObject({
      warning: false,
      detail: 'only you have access',
    });
  });

  test.each([
    ['a config that others may read', 'config.json', 0o644, 'read'],
    ['a config that the group may read', 'config.json', 0o640, 'read'],
    ['a config that the group may change', 'config.json', 0o620, 'change'],
    ['a ledger that others may read', 'ledger', 0o755, 'read'],
    ['a journal that the group may change', 'tasks', 0o720, 'change'],
    ['a home that others may read', '', 0o755, 'read'],
  ])('0 with a word of warning: %s', async (_what, name, mode, verb) => {
    const { code, world } = await inSandbox({}, ({ home, write }) => {
      chmodSync(write('config.json', '{}'), 0o600);
      for (const directory of ['ledger', 'tasks']) mkdirSync(join(home, directory), 0o700);
      chmodSync(join(home, name), mode);
    });
    const path = join(world.home, name);
    expect(code).toBe(0);
    expect(checkOf(world, 'permissions')).toMatchObject({
      ok: true,
      warning: true,
      detail: `other users can ${verb} ${path}; run chmod go-rwx ${path}`,
    });
  });

  test('on a table it is neither ok nor failed', async () => {
    const { world } = await doctor(['-g', 'sandbox'], {}, ({ home }) => chmodSync(home, 0o755));
    expect(world.out()).toMatch(/^warning\tpermissions\t/m);
  });

  test('are not looked at on Windows, where a mode says nothing', async () => {
    const { world } = await inSandbox({ platform: 'win32' }, ({ home }) => chmodSync(home, 0o777));
    expect(checkOf(world, 'permissions')).toMatchObject({ warning: false });
  });
});

/** A disk where `which` fails with `code` below these directories. */
function failing(which: 'makeDirectory' | 'openToWrite', names: RegExp, code: string) {
  const refuse = (path: string): void => {
    if (names.test(path)) throw Object.assign(new Error(code), { code });
  };
  const files: Partial<Files> = {
    makeDirectory: async (path) => {
      if (which === 'makeDirectory') refuse(path);
      await realFiles.makeDirectory(path);
    },
    openToWrite: async (path, how, mode) => {
      if (which === 'openToWrite') refuse(path);
      return realFiles.openToWrite(path, how, mode);
    },
  };
  return files;
}

describe('config doctor, state', () => {
  test.each([
    ['cannot be made', failing('makeDirectory', /ledger|sessions|tasks/, 'EROFS'), 'EROFS'],
    ['are there and take no file', failing('openToWrite', /./, 'EACCES'), 'EACCES'],
  ])('0 with a word of warning: directories that %s', async (_what, files, code) => {
    const ended = await inSandbox({ files });
    expect(ended.code).toBe(0);
    expect(checkOf(ended.world, 'state')).toMatchObject({
      ok: true,
      warning: true,
      detail: `${ended.world.home} cannot be written (${code}): no ledger, no conversations, images and videos only with --no-journal`,
    });
  });

  test('one that takes nothing is named alone, with what it costs', async () => {
    const { world } = await inSandbox({ files: failing('openToWrite', /tasks/, 'EROFS') });
    expect(checkOf(world, 'state')?.detail).toBe(
      `${join(world.home, 'tasks')} cannot be written (EROFS): images and videos only with --no-journal`,
    );
  });

  test('a full disk is noticed, and the file that tried it is taken away', async () => {
    const full: Partial<Files> = {
      openToWrite: async (path, how, mode) => ({
        ...(await realFiles.openToWrite(path, how, mode)),
        write: async () => {
          throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' });
        },
      }),
    };
    const { world } = await inSandbox({ files: full });
    expect(checkOf(world, 'state')?.detail).toContain('(ENOSPC)');
    expect(Object.keys(filesBelow(world.home))).toEqual(['cache/models-sandbox.json']);
  });
});
