import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { front, skillPlace } from '../../helpers/skills.ts';

describe('skills list', () => {
  test.each([[[]], [['list']]])('%j: name, files, bytes and the first sentence', async (argv) => {
    const { code, out, err } = await skillPlace().skills(argv);
    expect(code).toBe(0);
    expect(out).toBe('ask\t3\t67\tUse this for ask.\nbuild\t1\t66\tUse this for build.\n');
    expect(err).toBe('');
  });

  test('the same as JSON, with every file', async () => {
    const { json } = await skillPlace().skills(['--json']);
    expect(json()).toMatchObject({
      ok: true,
      command: 'skills list',
      version: 'first',
      skills: [
        {
          name: 'ask',
          description: 'Use this for ask. And more.',
          bytes: 67,
          files: [
            { path: 'SKILL.md', bytes: 63 },
            { path: 'references/a.md', bytes: 2 },
            { path: 'references/b.md', bytes: 2 },
          ],
        },
        { name: 'build', files: [{ path: 'SKILL.md' }] },
      ],
      places: [],
    });
  });

  test('fits a terminal', async () => {
    const { out } = await skillPlace().skills([], { stdoutIsTerminal: true, columns: 60 });
    expect(out.split('\n').filter((line) => line.length > 60)).toEqual([]);
    expect(out).toMatch(/^ask +Use this for ask\. \(files: 3, bytes: 67\)$/m);
  });

  test('with --host, what is there', async () => {
    const place = skillPlace();
    const states = async (...more: string[]): Promise<unknown> => {
      const { json } = await place.skills(['--host', 'claude', '--json', ...more]);
      return (json().places as { state: string }[]).map(({ state }) => state);
    };
    expect(await states()).toEqual(['missing', 'missing']);
    await place.skills(['install', '--host', 'claude']);
    expect(await states()).toEqual(['current', 'current']);
    expect(await states('--project')).toEqual(['missing', 'missing']);
    place.write('.claude/skills/ask/SKILL.md', 'mine');
    expect(await states()).toEqual(['changed', 'current']);
  });

  test('tells what an update would change', async () => {
    const place = skillPlace();
    await place.skills(['install', '--host', 'codex']);
    const { out } = await place.skills(['--host', 'codex'], { version: 'second' });
    expect(out).toContain(`ask\tcodex\toutdated\t${place.home}/.agents/skills/ask\t`);
    expect(out).toContain(`build\tcodex\tcurrent\t${place.home}/.agents/skills/build\t`);
  });

  test('takes a folder that no host has', async () => {
    const place = skillPlace();
    const { json } = await place.skills(['--dir', 'x', '--json']);
    expect(json().places).toContainEqual({
      host: null,
      skill: 'ask',
      directory: join(place.project, 'x/ask'),
      state: 'missing',
    });
  });
});

describe('skills show', () => {
  test.each([
    [['ask'], `${front('ask')}one\n`],
    [['ask', 'references/a.md'], 'a\n'],
    [['ask', 'SKILL.md'], `${front('ask')}one\n`],
  ])('%j prints the file', async (argv, text) => {
    expect(await skillPlace().skills(['show', ...argv])).toMatchObject({ code: 0, out: text });
  });

  test('byte for byte, also where the last line has no end', async () => {
    const place = skillPlace();
    const bytes = Buffer.from(`\ufeff${front('ask')}é\r\n\u0007no end`);
    writeFileSync(join(place.home, '../first/ask/SKILL.md'), bytes);
    const { out } = await place.skills(['show', 'ask']);
    expect(Buffer.from(out, 'latin1').equals(bytes)).toBe(true);
  });

  test('as JSON, with its hash', async () => {
    const { json } = await skillPlace().skills(['show', 'ask', 'references/a.md', '--json']);
    expect(json()).toMatchObject({
      command: 'skills show',
      skill: 'ask',
      file: 'references/a.md',
      bytes: 2,
      sha256: '87428fc522803d31065e7bce3cf03fe475096631e5e07bbd7a0fde60c4cf25c7',
      text: 'a\n',
    });
  });

  test.each([
    [['aks'], 'unknown_skill', 'did you mean ask?'],
    [['something-else'], 'unknown_skill', 'one of: ask, build'],
    [['../first/ask'], 'unknown_skill', /one of|did you mean/],
    [['ask', 'references/aa.md'], 'unknown_file', 'did you mean references/a.md?'],
    [['ask', '../build/SKILL.md'], 'unknown_file', /one of|did you mean/],
    [['ask', '/etc/passwd'], 'unknown_file', /one of|did you mean/],
    [['ask', 'references'], 'unknown_file', /one of|did you mean/],
  ])('%j: 2', async (argv, code, hint) => {
    const ran = await skillPlace().skills(['show', ...argv, '--json']);
    expect(ran.code).toBe(2);
    expect(ran.json()).toMatchObject({
      ok: false,
      error: { code, hint: typeof hint === 'string' ? hint : expect.stringMatching(hint) },
    });
  });
});

test.each([['list'], ['show', 'ask'], ['install', '--host', 'claude']])(
  'without the skills of the package, skills %s says to install it again',
  async (...argv) => {
    const { code, err } = await skillPlace().skills(argv, {
      deps: { skillsDirectory: '/nowhere/skills' },
    });
    expect(code).toBe(50);
    expect(err).toBe(
      'alltoken: the skills of this version are not at /nowhere/skills [local_io code=skills_missing]\nhint: npm install -g alltoken-cli\n',
    );
  },
);
