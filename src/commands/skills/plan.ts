/** What installing a skill into a folder would do to each file there. It looks, and writes nothing. */
import type { Deps } from '../../base/deps.ts';
import { inPlainWords } from '../../base/errno.ts';
import { CliError, systemErrorCode } from '../../base/errors.ts';
import { runStep } from '../../base/next-step.ts';
import type { FileAction } from '../../schemas/skills.ts';
import {
  lookAt,
  lookAtFolder,
  lookAtManifest,
  lookForLink,
  type Refusal,
  type Sight,
} from './look.ts';
import { isOurs, namesIn } from './manifest.ts';
import type { Skill } from './own-skills.ts';

export interface PlannedFile {
  /** In the skill's folder, with / between. */
  name: string;
  /** Absolute. */
  path: string;
  action: FileAction;
}

export interface FolderPlan {
  skill: Skill;
  /** Absolute; the folder of this one skill. */
  directory: string;
  files: PlannedFile[];
  refused: Refusal[];
  /** SHA-256 of what is there and came from us, by name. */
  ours: ReadonlyMap<string, string>;
  /** The manifest as it is; null when there is none. */
  manifest: string | null;
}

export type PlanDeps = Pick<Deps, 'files' | 'path' | 'signal'>;

export interface PlanRules {
  /** Replace what a person changed. */
  force: boolean;
  /** The folder of a skill may be a link, as people have them among their own settings. */
  allowLink: boolean;
}

/** Throws `CliError` local_io where nothing can be looked at. */
export async function planFolder(
  skill: Skill,
  directory: string,
  rules: PlanRules,
  deps: PlanDeps,
): Promise<FolderPlan> {
  try {
    return await plan(skill, directory, rules, deps);
  } catch (error) {
    if (systemErrorCode(error) === undefined) throw error;
    throw new CliError('local_io', `cannot look at ${directory}: ${inPlainWords(error)}`, {
      code: systemErrorCode(error),
      billed: 'no',
      next: runStep(['skills', 'install', '--dir', './skills']),
      cause: error,
    });
  }
}

async function plan(
  skill: Skill,
  directory: string,
  { force, allowLink }: PlanRules,
  deps: PlanDeps,
): Promise<FolderPlan> {
  const { join } = deps.path;
  const made: FolderPlan = {
    skill,
    directory,
    files: [],
    refused: await blockedFolders(skill, directory, allowLink, deps),
    ours: new Map(),
    manifest: null,
  };
  if (made.refused.length > 0) return made;
  const { text, manifest, problem } = await lookAtManifest(directory, deps);
  if (problem !== null) return { ...made, refused: [problem] };
  const ours = new Map<string, string>();
  for (const { name, sha256 } of skill.files) {
    const path = join(directory, name);
    const seen = await lookAt(directory, name, deps);
    if ('sum' in seen && isOurs(manifest, name, seen.sum)) ours.set(name, seen.sum);
    const verdict = judge(seen, sha256, ours.has(name), force);
    if (typeof verdict === 'string') made.files.push({ name, path, action: verdict });
    else made.refused.push({ path, ...verdict });
  }
  const wanted = new Set(skill.files.map(({ name }) => name));
  for (const name of namesIn(manifest).filter((old) => !wanted.has(old))) {
    const seen = await lookAt(directory, name, deps);
    if (seen.is === 'absent') continue;
    const isOld = seen.is === 'file' && isOurs(manifest, name, seen.sum);
    if (isOld) ours.set(name, seen.sum);
    made.files.push({ name, path: join(directory, name), action: isOld ? 'removed' : 'kept' });
  }
  return { ...made, ours, manifest: text };
}

/** What becomes of a file of ours; `wanted`: the sum of the one that comes. */
function judge(
  seen: Sight,
  wanted: string,
  cameFromUs: boolean,
  force: boolean,
): FileAction | Omit<Refusal, 'path'> {
  if (seen.is === 'absent') return 'installed';
  if (seen.is === 'directory') return { reason: 'it is a directory', canForce: false };
  if (seen.is === 'nowhere') return { reason: 'it is a link to nowhere', canForce: false };
  if (seen.sum === wanted) return 'unchanged';
  // What is at the other end belongs to someone else, even with --force.
  if (seen.is === 'elsewhere')
    return { reason: 'it is a link out of this folder', canForce: false };
  if (force || cameFromUs) return 'updated';
  return { reason: 'it was changed by hand, or is not ours', canForce: true };
}

/** The folders that would be written to, each a plain one or not there yet. */
async function blockedFolders(
  skill: Skill,
  directory: string,
  allowLink: boolean,
  deps: PlanDeps,
): Promise<Refusal[]> {
  const link = allowLink ? null : await lookForLink(directory, deps);
  if (link !== null) return [link];
  const below = skill.files.flatMap(({ name }) => {
    const words = name.split('/').slice(0, -1);
    return words.map((_, depth) => words.slice(0, depth + 1).join('/'));
  });
  const refused: Refusal[] = [];
  for (const name of ['', ...new Set(below)]) {
    const problem = await lookAtFolder(directory, name, deps);
    if (problem !== null) refused.push(problem);
    // Behind a link that leads elsewhere there is nothing to judge.
    if (refused.length > 0) break;
  }
  return refused;
}
