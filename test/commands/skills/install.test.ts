import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { skillPlace, versions } from '../../helpers/skills.ts';

const folders = [
  ['claude', '.claude/skills', '.claude/skills'],
  ['codex', '.agents/skills', '.agents/skills'],
  ['opencode', '.config/opencode/skills', '.opencode/skills'],
  ['gemini', '.agents/skills', '.agents/skills'],
  ['qwen', '.agents/skills', '.agents/skills'],
  ['pi', '.agents/skills', '.agents/skills'],
  ['hermes', '.hermes/skills', '.hermes/skills'],
  ['agents', '.agents/skills', '.agents/skills'],
] as const;

describe('skills install', () => {
  test.each(folders)('%s has them in its own place', async (host, user, project) => {
    const place = skillPlace();
    for (const [root, folder, more] of [
      [place.home, user, []],
      [place.project, project, ['--project']],
    ] as const) {
      const { code, out } = await place.skills(['install', '--host', host, ...more]);
      expect(code).toBe(0);
      expect(out.split('\n')).toEqual([
        `installed\t${root}/${folder}/ask/SKILL.md`,
        `installed\t${root}/${folder}/ask/references/a.md`,
        `installed\t${root}/${folder}/ask/references/b.md`,
        `installed\t${root}/${folder}/build/SKILL.md`,
        '',
      ]);
      expect(place.read(join(root, folder, 'build/SKILL.md'))).toBe(
        versions.first.build['SKILL.md'],
      );
    }
  });

  test('openclaw has them in its workspace, which is not the working directory', async () => {
    const place = skillPlace();
    const argv = ['install', 'build', '--host', 'openclaw'];
    const user = await place.skills(argv);
    expect(user.out).toBe(`installed\t${place.home}/.openclaw/skills/build/SKILL.md\n`);
    const project = await place.skills([...argv, '--project']);
    const workspace = '.openclaw/workspace/skills';
    expect(project.out).toBe(`installed\t${place.home}/${workspace}/build/SKILL.md\n`);
    expect(project.err).toContain('--dir <workspace>/skills');
  });

  test('a second time changes nothing', async () => {
    const place = skillPlace();
    const argv = ['install', '--host', 'claude', '--json'];
    await place.skills(argv);
    const writes: string[] = [];
    const files = { replace: async (path: string) => void writes.push(path) };
    const { code, json } = await place.skills(argv, { files });
    expect(code).toBe(0);
    expect(writes).toEqual([]);
    const installed = json().installed as { files: { action: string }[] }[];
    expect(new Set(installed.flatMap(({ files: all }) => all).map(({ action }) => action))).toEqual(
      new Set(['unchanged']),
    );
  });

  test('only what is named', async () => {
    const place = skillPlace();
    await place.skills(['install', 'build', '--host', 'claude']);
    expect(readdirSync(join(place.home, '.claude/skills'))).toEqual(['build']);
  });

  test('several hosts at once, and a folder that two of them share once', async () => {
    const place = skillPlace();
    const hosts = ['codex', 'claude', 'agents'].flatMap((host) => ['--host', host]);
    const { code, out } = await place.skills(['install', 'build', ...hosts]);
    expect(code).toBe(0);
    expect(out).toBe(
      `installed\t${place.home}/.agents/skills/build/SKILL.md\ninstalled\t${place.home}/.claude/skills/build/SKILL.md\n`,
    );
    const { json } = await place.skills(['install', 'build', ...hosts, '--json']);
    expect((json().installed as { host: string }[]).map(({ host }) => host)).toEqual([
      'codex',
      'claude',
      'agents',
    ]);
  });

  test('any folder, counted from the working directory', async () => {
    const place = skillPlace();
    const { code, json } = await place.skills(['install', 'build', '--dir', 'a/b', '--json']);
    expect(code).toBe(0);
    expect(json()).toEqual({
      schema: 'alltoken.skills.v1',
      ok: true,
      exit: 0,
      command: 'skills install',
      version: 'first',
      dry_run: false,
      installed: [
        {
          host: null,
          skill: 'build',
          directory: `${place.project}/a/b/build`,
          files: [{ path: `${place.project}/a/b/build/SKILL.md`, action: 'installed' }],
        },
      ],
      notes: [],
    });
  });

  test('files are for their owner alone', async () => {
    const place = skillPlace();
    await place.skills(['install', '--host', 'claude']);
    const skill = join(place.home, '.claude/skills/ask');
    expect(statSync(join(skill, 'SKILL.md')).mode & 0o777).toBe(0o600);
    expect(statSync(skill).mode & 0o777).toBe(0o700);
    expect(readdirSync(skill).sort()).toEqual(['.alltoken-skills.json', 'SKILL.md', 'references']);
  });

  test('the bytes are those of the package, a byte order mark too', async () => {
    const place = skillPlace();
    const text = place.write('../first/build/SKILL.md', '\ufeffa\r\nno end');
    expect(await place.skills(['install', 'build', '--dir', '.'])).toMatchObject({ code: 0 });
    expect(place.read(join(place.project, 'build/SKILL.md'))).toBe(place.read(text));
    expect(await place.skills(['install', 'build', '--dir', '.'])).toMatchObject({ code: 0 });
  });

  test('a dry run says the same and writes nothing', async () => {
    const place = skillPlace();
    const { code, out, err } = await place.skills(['install', '--host', 'claude', '--dry-run']);
    expect(code).toBe(0);
    expect(out).toContain(`would install\t${place.home}/.claude/skills/ask/SKILL.md\n`);
    expect(err).toBe('nothing was written: --dry-run\n');
    expect(existsSync(join(place.home, '.claude'))).toBe(false);
  });

  test('OpenCode is looked for where XDG_CONFIG_HOME says', async () => {
    const place = skillPlace();
    const env = { XDG_CONFIG_HOME: join(place.home, 'xdg') };
    const argv = ['install', 'build', '--host', 'opencode'];
    // Then it is not even needed.
    const { out } = await place.skills(argv, { env, deps: { homeDirectory: '' } });
    expect(out).toBe(`installed\t${place.home}/xdg/opencode/skills/build/SKILL.md\n`);
    const relative = await place.skills(argv, { env: { XDG_CONFIG_HOME: 'xdg' } });
    expect(relative.out).toContain(`${place.home}/.config/opencode/skills/build/SKILL.md`);
  });

  test('Windows gets its own paths', async () => {
    const place = skillPlace();
    const { code, out } = await place.skills(['install', '--host', 'claude'], {
      platform: 'win32',
    });
    expect(code).toBe(0);
    expect(out).toContain(
      `installed\t${`${place.home}/.claude/skills/ask/references/a.md`.replaceAll('/', '\\')}\n`,
    );
    expect(place.texts('.claude/skills/ask')).toEqual(versions.first.ask);
    const later = await place.skills(['install', 'ask', '--host', 'claude'], {
      platform: 'win32',
      version: 'second',
    });
    expect(later.code).toBe(0);
    expect(place.texts('.claude/skills/ask')).toEqual(versions.second.ask);
  });
});

describe('what is to be known of a host', () => {
  test.each([
    [['--host', 'claude'], []],
    [['--host', 'codex'], [/^Codex CLI: .*network/]],
    [['--host', 'hermes'], [/terminal\.env_passthrough/]],
    [
      ['--host', 'hermes', '--project'],
      [/hermes skills trust/, /terminal\.env_passthrough/],
    ],
  ])('%j', async (argv, notes) => {
    const expected = notes.map((note) => expect.stringMatching(note));
    const text = await skillPlace().skills(['install', ...argv]);
    expect(text.err.split('\n').slice(0, -1)).toEqual(expected);
    const { json } = await skillPlace().skills(['install', ...argv, '--json']);
    expect(json().notes).toEqual(expected);
  });
});

describe('skills install is refused', () => {
  test.each([
    [
      [],
      'no_host',
      'alltoken skills install --host claude',
      /claude, codex, gemini, qwen, opencode, openclaw/,
    ],
    [['--host', 'emacs'], 'invalid_argument', /--help/, /hermes, pi, agents/],
    [['aks', '--host', 'claude'], 'unknown_skill', 'did you mean ask?', /"aks"/],
    [['--dir', 'x', '--host', 'claude'], 'conflicting_option', /leave out --dir/, /--dir/],
    [['--dir', 'x', '--project'], 'conflicting_option', /leave out --dir/, /--dir/],
    [['--dir', ''], 'bad_flag', /install --help/, /--dir/],
  ])('%j: 2', async (argv, code, hint, message) => {
    const place = skillPlace();
    const ran = await place.skills(['install', ...argv, '--json']);
    expect(ran.code).toBe(2);
    expect(ran.json().error).toMatchObject({
      code,
      hint: typeof hint === 'string' ? hint : expect.stringMatching(hint),
      message: expect.stringMatching(message),
    });
    expect(readdirSync(place.project)).toEqual([]);
  });

  test('without a home, but not for a project', async () => {
    const place = skillPlace();
    const deps = { homeDirectory: '' };
    const ran = await place.skills(['install', '--host', 'claude'], { deps });
    expect(ran.code).toBe(2);
    expect(ran.err).toContain('hint: alltoken skills install --host claude --project');
    const project = await place.skills(['install', '--host', 'claude', '--project'], { deps });
    expect(project.code).toBe(0);
  });
});
