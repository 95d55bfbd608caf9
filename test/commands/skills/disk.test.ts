import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Files } from '../../../src/base/deps.ts';
import { files as realFiles } from '../../../src/system/files.ts';
import { skillPlace, versions } from '../../helpers/skills.ts';

const folder = '.claude/skills/ask';
const install = ['install', 'ask', '--host', 'claude'];

/** The change to the disk with this number (from 1) fails, and all after it: as when the process was killed there. */
function failingFrom(at: number, code = 'ENOSPC'): Partial<Files> {
  let changes = 0;
  const fail = (): void => {
    changes += 1;
    if (changes >= at) throw Object.assign(new Error(code), { code });
  };
  return {
    replace: async (path, text) => {
      fail();
      await realFiles.replace(path, text);
    },
    remove: async (path) => {
      fail();
      await realFiles.remove(path);
    },
  };
}

describe('an install that is cut short', () => {
  // The manifest, three files, the manifest; the second version has one to remove as well.
  const points = [1, 2, 3, 4, 5, 6];

  test.each(points)('at change %i leaves every file whole, and can be done again', async (at) => {
    const place = skillPlace();
    await place.skills(install);
    const cut = await place.skills(install, { version: 'second', files: failingFrom(at) });
    expect(cut.code).toBe(50);
    const old = Object.values<string>(versions.first.ask);
    const coming = Object.values<string>(versions.second.ask);
    for (const text of Object.values(place.texts(folder)))
      expect([...old, ...coming]).toContain(text);
    expect(await place.skills(install, { version: 'second' })).toMatchObject({ code: 0, err: '' });
    expect(place.texts(folder)).toEqual(versions.second.ask);
  });

  test.each(points)('at change %i looks changed by hand to no other version', async (at) => {
    for (const next of ['first', 'third'] as const) {
      const place = skillPlace();
      await place.skills(install);
      await place.skills(install, { version: 'second', files: failingFrom(at) });
      const { code, err } = await place.skills(install, { version: next });
      expect({ code, err }).toEqual({ code: 0, err: '' });
      expect(place.texts(folder)).toEqual(versions[next].ask);
    }
  });

  test.each(points)('at change %i, twice in a row, neither', async (at) => {
    const place = skillPlace();
    await place.skills(install);
    await place.skills(install, { version: 'second', files: failingFrom(3) });
    await place.skills(install, { version: 'third', files: failingFrom(at) });
    const { code, err } = await place.skills(install);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(place.texts(folder)).toEqual(versions.first.ask);
  });

  test.each([1, 2, 3, 4, 5])('the first one at change %i', async (at) => {
    const place = skillPlace();
    await place.skills(install, { files: failingFrom(at) });
    expect(await place.skills(install, { version: 'second' })).toMatchObject({ code: 0 });
    expect(place.texts(folder)).toEqual(versions.second.ask);
  });

  test.each([1, 2, 3, 4, 5])(
    'with --force at change %i, what a person wrote stays theirs',
    async (at) => {
      const place = skillPlace();
      place.write(`${folder}/SKILL.md`, 'mine');
      await place.skills([...install, '--force'], { files: failingFrom(at) });
      const isTheirs = place.read(`${folder}/SKILL.md`) === 'mine';
      const { code } = await place.skills(install, { version: 'second' });
      expect(code).toBe(isTheirs ? 50 : 0);
    },
  );

  test('shows no SKILL.md before its references are there', async () => {
    const place = skillPlace();
    await place.skills(install, { files: failingFrom(4) });
    expect(Object.keys(place.texts(folder)).sort()).toEqual(['references/a.md', 'references/b.md']);
  });
});

describe('a disk that takes nothing', () => {
  test.each([
    ['ENOSPC', 'no space left on device'],
    ['EROFS', 'the file system is read-only'],
    ['EACCES', 'permission denied'],
  ])('%s: 50, with the path and the way on', async (code, words) => {
    const place = skillPlace();
    const ran = await place.skills([...install, '--json'], { files: failingFrom(1, code) });
    expect(ran.code).toBe(50);
    expect(ran.json().error).toMatchObject({
      name: 'local_io',
      code,
      message: `cannot write ${place.home}/${folder}/.alltoken-skills.json: ${words} (${code})`,
      hint: expect.stringMatching(/: alltoken skills install ask --host claude$/),
    });
  });

  test('in the sandbox of an agent host, its setting comes first', async () => {
    const place = skillPlace();
    const env = { CODEX_SANDBOX: 'seatbelt' };
    const { code, err } = await place.skills(install, { files: failingFrom(1, 'EROFS'), env });
    expect(code).toBe(50);
    expect(err).toMatch(/hint: .*writable_roots = \["[^"]+"\].*alltoken skills install ask/);
  });

  test('is no matter where all is up to date', async () => {
    const place = skillPlace();
    await place.skills(install);
    expect(await place.skills(install, { files: failingFrom(1, 'EROFS') })).toMatchObject({
      code: 0,
    });
  });

  test('a file where a folder should be: 50', async () => {
    const place = skillPlace();
    place.write('.claude', 'mine');
    const { code, err } = await place.skills(install);
    expect(code).toBe(50);
    expect(err).toContain(`cannot look at ${place.home}/${folder}: a part of the path is not`);
  });

  test('a pipe in place of a file is not waited for', async () => {
    const place = skillPlace();
    mkdirSync(join(place.home, folder), { recursive: true });
    execFileSync('mkfifo', [join(place.home, folder, 'SKILL.md')]);
    expect(await place.skills(install)).toMatchObject({ code: 50 });
  });

  test('a skill of the package that is no text: 50, and nothing is written', async () => {
    const place = skillPlace();
    writeFileSync(join(place.home, '../first/ask/references/a.md'), Buffer.from([0xff, 0xfe]));
    const { code, err } = await place.skills(install);
    expect(code).toBe(50);
    expect(err).toContain('hint: npm install -g alltoken-cli');
    expect(place.texts('.')).toEqual({});
  });
});
