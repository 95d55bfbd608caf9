import { existsSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type SkillPlace, skillPlace, versions } from '../../helpers/skills.ts';

const folder = '.claude/skills/ask';
const install = ['install', 'ask', '--host', 'claude'];

/** With the first version installed. */
async function installed(): Promise<SkillPlace> {
  const place = skillPlace();
  expect(await place.skills(install)).toMatchObject({ code: 0 });
  return place;
}

/** The action of each file, by its name. */
function actions(out: string): Record<string, string> {
  const lines = out.split('\n').slice(0, -1);
  return Object.fromEntries(
    lines.map((line) => [line.split(`${folder}/`)[1] ?? '', line.split('\t')[0] ?? '']),
  );
}

describe('another version', () => {
  test('replaces, adds and removes what is ours', async () => {
    const place = await installed();
    const { code, out } = await place.skills(install, { version: 'second' });
    expect(code).toBe(0);
    expect(actions(out)).toEqual({
      'SKILL.md': 'updated',
      'references/a.md': 'updated',
      'references/c.md': 'installed',
      'references/b.md': 'removed',
    });
    expect(place.texts(folder)).toEqual(versions.second.ask);
    const again = await place.skills(install, { version: 'second' });
    expect(new Set(Object.values(actions(again.out)))).toEqual(new Set(['unchanged']));
  });

  test('and an older one does the same', async () => {
    const place = await installed();
    await place.skills(install, { version: 'third' });
    expect(await place.skills(install)).toMatchObject({ code: 0 });
    expect(place.texts(folder)).toEqual(versions.first.ask);
  });

  test('keeps a file that it no longer needs and a person changed', async () => {
    const place = await installed();
    const mine = place.write(`${folder}/references/b.md`, 'mine');
    const { code, out, err } = await place.skills(install, { version: 'second' });
    expect(code).toBe(0);
    expect(actions(out)['references/b.md']).toBe('kept');
    expect(err).toContain(`warning: ${mine} is no longer a part of the skill`);
    expect(place.read(mine)).toBe('mine');
    // From now on it is theirs alone.
    const again = await place.skills(install, { version: 'second' });
    expect(again).toMatchObject({ code: 0, err: '' });
    expect(actions(again.out)).not.toHaveProperty('references/b.md');
  });

  test('leaves what else is in the folder', async () => {
    const place = await installed();
    place.write(`${folder}/notes.md`, 'mine');
    await place.skills(install, { version: 'second' });
    expect(place.read(`${folder}/notes.md`)).toBe('mine');
  });
});

describe('a file that was changed by hand', () => {
  test.each(['first', 'second'] as const)('stops the %s version', async (version) => {
    const place = await installed();
    const mine = place.write(`${folder}/references/a.md`, 'mine');
    const before = place.texts('.');
    const { code, json } = await place.skills([...install, 'build', '--json'], { version });
    expect(code).toBe(50);
    expect(json()).toMatchObject({
      ok: false,
      command: 'skills install',
      error: {
        name: 'local_io',
        code: 'changed',
        message: expect.stringContaining(mine),
        hint: 'alltoken skills install ask build --host claude --force',
      },
      refused: [{ path: mine, reason: 'it was changed by hand, or is not ours' }],
    });
    expect(place.texts('.')).toEqual(before);
  });

  test('is named on stderr, and stdout stays empty', async () => {
    const place = await installed();
    const mine = place.write(`${folder}/SKILL.md`, 'mine');
    const { out, err } = await place.skills([...install, '--project', '--dry-run']);
    expect({ out: out.split('\t')[0], err }).toEqual({
      out: 'would install',
      err: 'nothing was written: --dry-run\n',
    });
    const user = await place.skills([...install, '--dry-run']);
    expect(user).toMatchObject({ code: 50, out: '' });
    expect(user.err).toContain(`warning: ${mine}: it was changed by hand`);
    expect(user.err).toContain('hint: alltoken skills install ask --host claude --dry-run --force');
  });

  test('is replaced with --force, and is ours from then on', async () => {
    const place = await installed();
    place.write(`${folder}/SKILL.md`, 'mine');
    const forced = await place.skills([...install, '--force'], { version: 'second' });
    expect(forced.code).toBe(0);
    expect(place.texts(folder)).toEqual(versions.second.ask);
    expect(await place.skills(install, { version: 'third' })).toMatchObject({ code: 0 });
  });

  test('that was removed comes back', async () => {
    const place = await installed();
    rmSync(join(place.home, folder, 'references/a.md'));
    const { code, out } = await place.skills(install);
    expect(code).toBe(0);
    expect(actions(out)['references/a.md']).toBe('installed');
  });
});

describe('a skill that we did not install', () => {
  test('is not ours to replace', async () => {
    const place = skillPlace();
    place.write(`${folder}/SKILL.md`, versions.first.ask['SKILL.md']);
    const { code } = await place.skills(install, { version: 'second' });
    expect(code).toBe(50);
    expect(place.texts(folder)).toEqual({ 'SKILL.md': versions.first.ask['SKILL.md'] });
  });

  test('but with the same text, it is taken as it is', async () => {
    const place = skillPlace();
    place.write(`${folder}/SKILL.md`, versions.first.ask['SKILL.md']);
    const { code, out } = await place.skills(install);
    expect(code).toBe(0);
    expect(actions(out)['SKILL.md']).toBe('unchanged');
    expect(await place.skills(install, { version: 'second' })).toMatchObject({ code: 0 });
  });

  test.each(['', '{', '[]', '{"v":2,"version":"9","files":{}}', '{"v":1,"version":"9"}'])(
    'neither with a manifest like %j',
    async (manifest) => {
      const place = await installed();
      place.write(`${folder}/.alltoken-skills.json`, manifest);
      expect(await place.skills(install, { version: 'second' })).toMatchObject({ code: 50 });
      // What is unchanged needs no manifest to tell.
      expect(await place.skills(install)).toMatchObject({ code: 0 });
      expect(await place.skills(install, { version: 'second' })).toMatchObject({ code: 0 });
    },
  );

  test.each([
    ['a directory', (path: string): void => void mkdirSync(path)],
    [
      'a very big file',
      (path: string, place: SkillPlace): void => {
        place.write(path.slice(place.home.length + 1), 'x'.repeat(2 * 1024 * 1024));
      },
    ],
    ['a link to nowhere', (path: string): void => symlinkSync('/nowhere/at/all', path)],
  ])('nor %s in its place', async (_what, make) => {
    const place = skillPlace();
    mkdirSync(join(place.home, folder), { recursive: true });
    make(join(place.home, folder, 'SKILL.md'), place);
    const { code, err } = await place.skills(install);
    expect(code).toBe(50);
    expect(err).toContain(`${place.home}/${folder}/SKILL.md: it `);
    expect(existsSync(join(place.home, folder, 'references'))).toBe(false);
  });
});
