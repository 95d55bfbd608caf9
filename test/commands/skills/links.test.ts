import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readlinkSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type SkillPlace, skillPlace, versions } from '../../helpers/skills.ts';

const folder = '.claude/skills/ask';
const install = ['install', 'ask', '--host', 'claude', '--project'];

function link(place: SkillPlace, to: string, name: string): string {
  const path = join(place.project, folder, name);
  mkdirSync(dirname(path), { recursive: true });
  symlinkSync(to, path);
  return path;
}

function manifest(place: SkillPlace, files: Record<string, string>): void {
  const sums = Object.entries(files).map(([name, text]) => [
    name,
    createHash('sha256').update(text).digest('hex'),
  ]);
  const text = JSON.stringify({ v: 1, version: 'x', files: Object.fromEntries(sums) });
  mkdirSync(join(place.project, folder), { recursive: true });
  writeFileSync(join(place.project, folder, '.alltoken-skills.json'), text);
}

describe('a link of the user', () => {
  test('in place of the whole folder is followed, and stays', async () => {
    const place = skillPlace();
    const real = dirname(place.write('dotfiles/ask/notes.md', 'mine'));
    mkdirSync(join(place.home, dirname(folder)), { recursive: true });
    symlinkSync(real, join(place.home, folder));
    const forUser = install.filter((word) => word !== '--project');
    for (const version of ['first', 'second'] as const) {
      expect(await place.skills(forUser, { version })).toMatchObject({ code: 0 });
      expect(place.texts('dotfiles/ask')).toEqual({ ...versions[version].ask, 'notes.md': 'mine' });
    }
    expect(readlinkSync(join(place.home, folder))).toBe(real);
  });
});

// A project may have come from anywhere, with its folder of skills.
describe('a folder of somebody else', () => {
  test.each([[[]], [['--force']]])('gets nothing through a link of one file, %j', async (flags) => {
    const place = skillPlace();
    const real = place.write('dotfiles/SKILL.md', 'mine');
    const path = link(place, real, 'SKILL.md');
    const { code, err } = await place.skills([...install, ...flags]);
    expect(code).toBe(50);
    expect(err).toContain(`${path}: it is a link out of this folder`);
    expect(err).toContain(`hint: move ${path} away`);
    expect(place.read(real)).toBe('mine');
  });

  test.each(['.claude', '.claude/skills', folder])(
    'gets nothing where %s leads out',
    async (name) => {
      const place = skillPlace();
      const outside = dirname(place.write('outside/mine.txt', 'mine'));
      mkdirSync(dirname(join(place.project, name)), { recursive: true });
      symlinkSync(outside, join(place.project, name));
      const { code, err } = await place.skills([...install, '--force']);
      expect(code).toBe(2);
      expect(err).toContain('is outside the working directory');
      expect(place.texts('outside')).toEqual({ 'mine.txt': 'mine' });
    },
  );

  test.each([
    ['the folder of the skill', ''],
    ['a folder in it', 'references'],
  ])('%s that leads nowhere is refused, also with --force', async (_what, name) => {
    const place = skillPlace();
    const path = join(place.project, folder, name).replace(/\/$/, '');
    mkdirSync(dirname(path), { recursive: true });
    symlinkSync('/nowhere/at/all', path);
    const { code, err } = await place.skills([...install, '--force']);
    expect(code).toBe(50);
    expect(err).toContain(`hint: move ${path} away, then: alltoken skills install ask`);
  });

  test.each(['references', '.alltoken-skills.json'])(
    'gets nothing written behind %s',
    async (name) => {
      const place = skillPlace();
      const outside = place.write('outside/mine.txt', '{}');
      link(place, name === 'references' ? dirname(outside) : outside, name);
      expect(await place.skills([...install, '--force'])).toMatchObject({ code: 50 });
      expect(place.texts('outside')).toEqual({ 'mine.txt': '{}' });
      expect(readdirSync(join(place.project, folder))).toEqual([name]);
    },
  );

  test.each(['../../../../home/mine.txt', '/etc/hostname', 'a/../../x', '..\\x', 'C:\\x', '.x'])(
    'cannot name %j as ours to remove',
    async (name) => {
      const place = skillPlace();
      const mine = place.write('mine.txt', 'mine');
      manifest(place, { [name]: 'mine', 'SKILL.md': 'old' });
      writeFileSync(join(place.project, folder, 'SKILL.md'), 'old');
      // A manifest with such a name is none.
      expect(await place.skills(install)).toMatchObject({ code: 50 });
      expect(place.read(mine)).toBe('mine');
    },
  );

  test('cannot have a file behind a link removed', async () => {
    const place = skillPlace();
    const mine = place.write('outside/mine.txt', 'mine');
    manifest(place, { 'assets/mine.txt': 'mine' });
    link(place, dirname(mine), 'assets');
    const { code, out } = await place.skills(install);
    expect(code).toBe(0);
    expect(out).toContain(`kept\t${place.project}/${folder}/assets/mine.txt`);
    expect(place.read(mine)).toBe('mine');
  });

  test('cannot have a file behind a link replaced, though its hash is known', async () => {
    const place = skillPlace();
    const mine = place.write('outside/mine.txt', 'mine');
    manifest(place, { 'SKILL.md': 'mine' });
    link(place, mine, 'SKILL.md');
    expect(await place.skills(install)).toMatchObject({ code: 50 });
    expect(place.read(mine)).toBe('mine');
  });
});

describe('J17: --dir', () => {
  test.each([[[]], [['--force']], [['--dry-run']]])(
    'gets nothing where the folder of the skill is a link out of it, %j',
    async (flags) => {
      const place = skillPlace();
      const outside = dirname(place.write('outside/mine.txt', 'mine'));
      const dir = dirname(place.write('skills/README', 'mine'));
      symlinkSync(outside, join(dir, 'ask'));
      const { code, err } = await place.skills(['install', 'ask', '--dir', dir, ...flags]);
      expect(code, err).toBe(50);
      expect(err).toContain(`${join(dir, 'ask')}: it is a link out of ${dir}`);
      expect(err).toContain(`hint: move ${join(dir, 'ask')} away`);
      expect(place.texts('outside')).toEqual({ 'mine.txt': 'mine' });
    },
  );

  test('may be a link itself', async () => {
    const place = skillPlace();
    const real = dirname(place.write('real/README', 'mine'));
    symlinkSync(real, join(place.home, 'skills'));
    const { code, err } = await place.skills([
      'install',
      'ask',
      '--dir',
      join(place.home, 'skills'),
    ]);
    expect(code, err).toBe(0);
    expect(readdirSync(real)).toContain('ask');
  });
});
