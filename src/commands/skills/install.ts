/** `alltoken skills install`: puts the skills of this version where a host reads them. What a person changed stays, unless it is forced. */
import type { Deps } from '../../base/deps.ts';
import { errorDocument } from '../../base/error-document.ts';
import { CliError, EXIT_OK } from '../../base/errors.ts';
import { runStep } from '../../base/next-step.ts';
import type { OutputEvent, Table } from '../../schemas/events.ts';
import type { InstallDocument, RefusalDocument } from '../../schemas/skills.ts';
import { checkPath } from '../../work/input/allowed-paths.ts';
import { isInProject, notesOf } from './hosts.ts';
import type { Refusal } from './look.ts';
import type { InstallFlags } from './options.ts';
import { chooseSkills, readSkills } from './own-skills.ts';
import { type FolderPlan, planFolder } from './plan.ts';
import { findTargets, installStep, noTarget, type Target } from './targets.ts';
import { writeFolder } from './write.ts';

type Events = AsyncGenerator<OutputEvent, void, undefined>;

interface Placed {
  target: Target;
  /** The same one for two hosts that share a folder. */
  plan: FolderPlan;
}

/** All is looked at before anything is written. */
export async function* installSkills(
  names: readonly string[],
  flags: InstallFlags,
  deps: Deps,
): Events {
  const { join } = deps.path;
  const targets = findTargets(flags, deps);
  if (targets.length === 0) throw noTarget();
  const skills = chooseSkills(names, await readSkills(deps));
  const placed: Placed[] = [];
  const plans = new Map<string, FolderPlan>();
  const rules = { force: flags.force === true, allowLink: flags.dir === undefined };
  for (const target of targets)
    for (const skill of skills) {
      const directory = join(target.folder, skill.name);
      const plan = plans.get(directory) ?? (await planFolder(skill, directory, rules, deps));
      plans.set(directory, plan);
      placed.push({ target, plan });
    }
  const refused = [...plans.values()].flatMap((plan) => plan.refused);
  if (refused.length > 0) return yield* refuse(refused, names, flags, deps);
  const below = placed.filter(({ target }) => target.host !== null && isInProject(target.host));
  if (flags.project) await checkProject(new Set(below.map(({ plan }) => plan.directory)), deps);
  if (!flags.dryRun)
    for (const plan of plans.values()) {
      deps.signal.throwIfAborted();
      await writeFolder(plan, deps.version, installStep(names, flags), deps);
    }
  yield* conclude(placed, [...plans.values()], flags, deps);
}

/** A folder that came with a cloned repository may be a link to anywhere. Throws `CliError` usage. */
async function checkProject(directories: Iterable<string>, deps: Deps): Promise<void> {
  const way = {
    ...runStep(['skills', 'install', '--dir', './skills']),
    why: 'name any other folder',
  };
  for (const directory of directories) await checkPath(directory, '--project:', { way }, deps);
}

async function* conclude(
  placed: readonly Placed[],
  plans: readonly FolderPlan[],
  flags: InstallFlags,
  deps: Deps,
): Events {
  const kept = plans
    .flatMap(({ files }) => files)
    .filter(({ action }) => action === 'kept')
    .map(
      ({ path }) => `${path} is no longer a part of the skill; it was edited and is left in place`,
    );
  const hosts = new Set(placed.flatMap(({ target }) => target.host ?? []));
  const notes = [...hosts].flatMap((host) => notesOf(host, flags.project === true));
  for (const message of kept) yield { type: 'warning', message };
  for (const message of notes) yield { type: 'status', message };
  if (flags.dryRun) yield { type: 'status', message: 'nothing was written: --dry-run' };
  const document: InstallDocument = {
    schema: 'alltoken.skills.v1',
    ok: true,
    exit: EXIT_OK,
    command: 'skills install',
    version: deps.version,
    dry_run: flags.dryRun === true,
    installed: placed.map(({ target, plan: { skill, directory, files } }) => ({
      host: target.host,
      skill: skill.name,
      directory,
      files: files.map(({ path, action }) => ({ path, action })),
    })),
    notes: [...kept, ...notes],
  };
  yield { type: 'output', content: { table: tableOf(plans, flags) }, document };
}

const intentions = {
  installed: 'would install',
  updated: 'would update',
  removed: 'would remove',
  unchanged: 'unchanged',
  kept: 'kept',
} as const;

function tableOf(plans: readonly FolderPlan[], { dryRun }: InstallFlags): Table {
  const files = plans.flatMap((plan) => plan.files);
  return {
    head: ['action', 'path'],
    rows: files.map(({ action, path }) => [dryRun ? intentions[action] : action, path]),
  };
}

/** Nothing was written. The paths are in the document, and a line each on stderr. */
async function* refuse(
  refused: readonly Refusal[],
  names: readonly string[],
  flags: InstallFlags,
  deps: Deps,
): Events {
  for (const { path, reason } of refused) yield { type: 'warning', message: `${path}: ${reason}` };
  const blocked = refused.find(({ canForce }) => !canForce);
  const paths = refused.map(({ path }) => path).join(', ');
  const error = errorDocument(
    new CliError(
      'local_io',
      `nothing was written, because these are not ours to replace: ${paths}`,
      {
        code: 'changed',
        billed: 'no',
        next:
          blocked === undefined
            ? installStep(names, flags, ...(flags.dryRun ? ['--dry-run'] : []), '--force')
            : { ...installStep(names, flags), first: `move ${blocked.path} away` },
      },
    ),
  );
  const document: RefusalDocument = {
    schema: 'alltoken.skills.v1',
    ok: false,
    command: 'skills install',
    version: deps.version,
    error,
    refused: refused.map(({ path, reason }) => ({ path, reason })),
  };
  yield { type: 'output', content: { text: '' }, document, error };
}
