import { readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { describe, expect, test } from 'vitest';
import { folderOf, hostNames } from '../../src/commands/skills/hosts.ts';
import { root } from '../helpers/executable.ts';
import { readFrontMatter } from '../helpers/front-matter.ts';
import { readSkillFiles, skillProblems } from '../helpers/skill-file.ts';
import { skillPlace } from '../helpers/skills.ts';

const own = join(root, 'skills');
const manifest = '.alltoken-skills.json';

/** Each host looks into each folder of its folder of skills, and reads the front matter of the SKILL.md there. */
describe.each(hostNames)('%s finds our skills', (host) => {
  test.each([
    ['of the user', []],
    ['of the project', ['--project']],
  ])('%s, whole and as they should be', async (_where, flags) => {
    const place = skillPlace();
    const deps = { skillsDirectory: own };
    const { code } = await place.skills(['install', '--host', host, ...flags], { deps });
    expect(code).toBe(0);
    const folder = folderOf(host, flags.length > 0, {
      env: {},
      platform: 'linux',
      path: posix,
      homeDirectory: place.home,
      workingDirectory: place.project,
    });
    const names = readdirSync(folder).sort();
    expect(names).toEqual(readdirSync(own).sort());
    for (const name of names) {
      const { [manifest]: _ours, ...files } = readSkillFiles(join(folder, name));
      expect(skillProblems(name, files)).toEqual([]);
      expect(readFrontMatter(files['SKILL.md'] ?? '').fields.name).toBe(name);
      expect(Object.keys(files).sort()).toEqual(
        Object.keys(readSkillFiles(join(own, name))).sort(),
      );
      for (const file of Object.keys(files)) {
        const bytes = readFileSync(join(folder, name, file));
        expect(bytes.equals(readFileSync(join(own, name, file))), file).toBe(true);
      }
    }
  });
});
