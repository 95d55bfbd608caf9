/** `alltoken skills list`: the skills that came with this version and, for named hosts, what is installed there. It writes nothing. */

import type { Deps } from '../../base/deps.ts';
import { EXIT_OK } from '../../base/errors.ts';
import type { OutputEvent, Table } from '../../schemas/events.ts';
import type { ListDocument, SkillState } from '../../schemas/skills.ts';
import type { ListFlags } from './options.ts';
import { mainFile, readSkills, type Skill } from './own-skills.ts';
import { type FolderPlan, planFolder } from './plan.ts';
import { findTargets } from './targets.ts';

type Place = ListDocument['places'][number];

export async function* listSkills(
  flags: ListFlags,
  deps: Deps,
): AsyncGenerator<OutputEvent, void, undefined> {
  const targets = findTargets(flags, deps);
  const skills = await readSkills(deps);
  const { join } = deps.path;
  const places: Place[] = [];
  const rules = { force: false, allowLink: flags.dir === undefined };
  for (const { host, folder } of targets)
    for (const skill of skills) {
      const directory = join(folder, skill.name);
      const plan = await planFolder(skill, directory, rules, deps);
      places.push({ host, skill: skill.name, directory, state: stateOf(plan) });
    }
  const document: ListDocument = {
    schema: 'alltoken.skills.v1',
    ok: true,
    exit: EXIT_OK,
    command: 'skills list',
    version: deps.version,
    skills: skills.map(({ name, description, files }) => ({
      name,
      description,
      bytes: sizeOf(files),
      files: files.map((file) => ({ path: file.name, bytes: file.bytes.length })),
    })),
    places,
  };
  const table =
    places.length > 0
      ? withPlaces(skills, places)
      : deps.stdout.isTerminal
        ? forPeople(skills)
        : forPipes(skills);
  yield { type: 'output', content: { table }, document };
}

/** changed: by hand, or not ours; outdated: an install would bring it up to date. */
function stateOf({ files, refused }: FolderPlan): SkillState {
  if (refused.length > 0) return 'changed';
  if (files.some(({ name, action }) => name === mainFile && action === 'installed'))
    return 'missing';
  return files.every(({ action }) => action === 'unchanged') ? 'current' : 'outdated';
}

/** What each is for takes several lines; without a header, they are printed beside its name. */
function forPeople(skills: readonly Skill[]): Table {
  return {
    head: [],
    rows: skills.map(({ name, ...skill }) => {
      const [files, bytes, purpose] = factsOf(skill);
      return [name, `${purpose} (files: ${files}, bytes: ${bytes})`];
    }),
  };
}

/** Name, number of files, bytes, what it is for. */
function forPipes(skills: readonly Skill[]): Table {
  return { head: [], rows: skills.map(({ name, ...skill }) => [name, ...factsOf(skill)]) };
}

function withPlaces(skills: readonly Skill[], places: readonly Place[]): Table {
  const facts = new Map(skills.map((skill) => [skill.name, factsOf(skill)]));
  return {
    head: ['name', 'host', 'state', 'folder', 'files', 'bytes', 'what for'],
    align: ['left', 'left', 'left', 'left', 'right', 'right', 'left'],
    optional: [6, 5, 4],
    rows: places.map(({ host, skill, directory, state }) => [
      skill,
      host ?? '-',
      state,
      directory,
      ...(facts.get(skill) ?? []),
    ]),
  };
}

function factsOf({ files, description }: Pick<Skill, 'files' | 'description'>): string[] {
  const [first = ''] = description.split(/(?<=\.)\s/, 1);
  return [String(files.length), String(sizeOf(files)), first];
}

function sizeOf(files: Skill['files']): number {
  return files.reduce((sum, { bytes }) => sum + bytes.length, 0);
}
