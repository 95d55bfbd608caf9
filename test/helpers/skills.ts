/** A package of skills, a home and a project, each in a temporary folder, and `alltoken skills` run on them as often as a test likes. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import type { Deps } from '../../src/base/deps.ts';
import { innerDeps } from '../../src/base/inner-deps.ts';
import { run } from '../../src/cli/program.ts';
import { skillsDocumentSchema } from '../../src/schemas/skills.ts';
import { filesBelow } from './ask.ts';
import { type FakeOptions, fakeDeps } from './fake-deps.ts';

export const front = (name: string): string =>
  `---\nname: ${name}\ndescription: Use this for ${name}. And more.\n---\n`;

/** By name, files by name. `first` is the oldest. */
export const versions = {
  first: {
    ask: { 'SKILL.md': `${front('ask')}one\n`, 'references/a.md': 'a\n', 'references/b.md': 'b\n' },
    build: { 'SKILL.md': `${front('build')}ü\n` },
  },
  second: {
    ask: { 'SKILL.md': `${front('ask')}two\n`, 'references/a.md': 'A\n', 'references/c.md': 'c\n' },
    build: { 'SKILL.md': `${front('build')}ü\n` },
  },
  third: {
    ask: { 'SKILL.md': `${front('ask')}three\n`, 'references/a.md': 'AAA\n' },
    build: { 'SKILL.md': `${front('build')}ß\n` },
  },
} as const;

type VersionName = keyof typeof versions;

export interface SkillPlace {
  home: string;
  project: string;
  /** `skills …argv` of this version. */
  skills(argv: readonly string[], options?: RunOptions): Promise<Ran>;
  /** The text of a file in the home, or an absolute path. */
  read(path: string): string;
  write(path: string, text: string): string;
  /** All texts below a folder of the home, but for the manifests. */
  texts(folder: string): Record<string, string>;
}

interface RunOptions extends FakeOptions {
  version?: VersionName;
  deps?: Partial<Deps>;
}

interface Ran {
  code: number;
  out: string;
  err: string;
  /** The document, which is checked against its schema. */
  json(): Record<string, unknown>;
}

export function skillPlace(): SkillPlace {
  const top = mkdtempSync(join(tmpdir(), 'alltoken-skills-'));
  onTestFinished(() => rmSync(top, { recursive: true, force: true }));
  const home = join(top, 'home');
  const project = join(top, 'project');
  for (const folder of [home, project]) mkdirSync(folder);
  const write = (name: string, text: string): string => {
    const path = join(home, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    return path;
  };
  for (const [version, skills] of Object.entries(versions))
    for (const [skill, files] of Object.entries(skills))
      for (const [name, text] of Object.entries(files as Record<string, string>))
        write(join('..', version, skill, name), text);
  return {
    home,
    project,
    write,
    read: (path) => readFileSync(path.startsWith('/') ? path : join(home, path), 'utf8'),
    texts: (folder) =>
      Object.fromEntries(
        Object.entries(filesBelow(join(home, folder))).filter(
          ([name]) => !name.endsWith('.alltoken-skills.json'),
        ),
      ),
    async skills(argv, { version = 'first', deps = {}, ...options } = {}) {
      const world = fakeDeps(options);
      const code = await run(
        ['skills', ...argv],
        innerDeps(world.deps, {
          homeDirectory: home,
          workingDirectory: project,
          skillsDirectory: join(top, version),
          version,
          ...deps,
        }),
      );
      return {
        code,
        out: world.out(),
        err: world.err(),
        json: () => {
          const document = world.json();
          expect(skillsDocumentSchema.safeParse(document).error).toBeUndefined();
          return document;
        },
      };
    },
  };
}
