/** The skills that came with this version, read whole. It writes nothing and looks nowhere else. */

import { createHash } from 'node:crypto';
import type { Deps } from '../../base/deps.ts';
import { inPlainWords } from '../../base/errno.ts';
import { CliError, systemErrorCode } from '../../base/errors.ts';
import { type NextStep, nearOrAll } from '../../base/next-step.ts';
import { nearest } from '../../config/nearest.ts';
import { filesBelow } from '../../work/files-below.ts';

export interface SkillFile {
  /** In the skill's folder, with / between: `references/errors.md`. */
  name: string;
  bytes: Uint8Array;
  /** The same bytes. */
  text: string;
  sha256: string;
}

export interface Skill {
  name: string;
  /** One line, as its front matter has it; '' when there is none. */
  description: string;
  /** By name, SKILL.md first. */
  files: SkillFile[];
}

type SkillDeps = Pick<Deps, 'files' | 'path' | 'skillsDirectory'>;

/** The file that makes a folder a skill. */
export const mainFile = 'SKILL.md';

const MAX_BYTES = 1024 * 1024;
const reinstall: NextStep = { do: 'run', argv: ['npm', 'install', '-g', 'alltoken-cli'] };

/** By name. Throws `CliError` local_io when the package on this machine is not whole. */
export async function readSkills(deps: SkillDeps): Promise<Skill[]> {
  const { skillsDirectory: root, files } = deps;
  const { join } = deps.path;
  try {
    const found: Skill[] = [];
    for (const name of (await files.list(root)).sort()) {
      const names = await namesOf(join(root, name), deps);
      if (names.includes(mainFile)) found.push(await readSkill(name, names, deps));
    }
    if (found.length > 0) return found;
  } catch (error) {
    throw broken(`cannot read ${root}: ${inPlainWords(error)}`, error);
  }
  throw broken(`the skills of this version are not at ${root}`);
}

/** Those with these names, all when there is none. Throws `CliError` usage for an unknown one. */
export function chooseSkills(names: readonly string[], skills: readonly Skill[]): Skill[] {
  if (names.length === 0) return [...skills];
  const known = skills.map(({ name }) => name);
  return [...new Set(names)].map((name) => {
    const found = skills.find((skill) => skill.name === name);
    if (found !== undefined) return found;
    const near = nearest(name, known);
    throw new CliError('usage', `no skill named ${JSON.stringify(name)}`, {
      code: 'unknown_skill',
      next: nearOrAll(near, known),
    });
  });
}

export function sha256(content: Uint8Array | string): string {
  return createHash('sha256').update(content).digest('hex');
}

async function readSkill(name: string, names: readonly string[], deps: SkillDeps): Promise<Skill> {
  const { join } = deps.path;
  const files: SkillFile[] = [];
  for (const file of names) {
    const bytes = await deps.files.read(join(deps.skillsDirectory, name, file), MAX_BYTES);
    // Strict, and with a byte order mark if there is one: what is written from the text are these bytes again.
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    files.push({ name: file, bytes, text, sha256: sha256(bytes) });
  }
  return { name, description: descriptionOf(files[0]?.text ?? ''), files };
}

/** As a skill names its files; SKILL.md first. */
async function namesOf(folder: string, deps: SkillDeps): Promise<string[]> {
  const found = await filesBelow(folder, deps);
  return found.sort((a, b) => Number(b === mainFile) - Number(a === mainFile));
}

function descriptionOf(text: string): string {
  const front = /^---\n([\s\S]*?)\n---\n/.exec(text)?.[1] ?? '';
  const value = /^description: *(.*)$/m.exec(front)?.[1] ?? '';
  return value.replace(/^(["'])(.*)\1$/, '$2').trim();
}

function broken(message: string, cause?: unknown): CliError {
  return new CliError('local_io', message, {
    code: systemErrorCode(cause) ?? 'skills_missing',
    billed: 'no',
    next: reinstall,
    cause,
  });
}
