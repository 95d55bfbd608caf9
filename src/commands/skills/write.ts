/** Writes what a plan says into one skill's folder. It replaces nothing that the plan does not name. */
import type { Deps } from '../../base/deps.ts';
import { inPlainWords } from '../../base/errno.ts';
import { CliError, systemErrorCode } from '../../base/errors.ts';
import { allowWriting } from '../../base/host-sandbox.ts';
import type { NextStep } from '../../base/next-step.ts';
import { manifestFile, manifestText } from './manifest.ts';
import { mainFile } from './own-skills.ts';
import type { FolderPlan, PlannedFile } from './plan.ts';

type WriteDeps = Pick<Deps, 'files' | 'path' | 'env'>;

/**
 * Each file is whole at any time, the old one or the new one. The manifest says first what is coming and last that it
 * came: an install that was cut short is known as ours whichever version comes next. SKILL.md is the last file, so that
 * no host sees a skill without its references. `again`: the command that goes on. Throws `CliError` local_io.
 */
export async function writeFolder(
  plan: FolderPlan,
  version: string,
  again: NextStep,
  deps: WriteDeps,
): Promise<void> {
  const { join } = deps.path;
  const manifest = join(plan.directory, manifestFile);
  const wanted = new Map(plan.skill.files.map(({ name, sha256 }) => [name, sha256]));
  const done = manifestText({ version, files: wanted });
  const changes = changesOf(plan);
  if (changes.length === 0 && plan.manifest === done) return;
  const begun = manifestText({ version, files: plan.ours, writing: wanted });
  const texts = new Map(plan.skill.files.map(({ name, text }) => [name, text]));
  await write(manifest, begun, again, deps);
  for (const { name, path, action } of changes) {
    if (action === 'removed')
      await attempt('remove', path, again, deps, () => deps.files.remove(path));
    else await write(path, texts.get(name) ?? '', again, deps);
  }
  await write(manifest, done, again, deps);
}

/** In the order in which they are made. */
function changesOf({ files }: FolderPlan): PlannedFile[] {
  const rank = ({ name, action }: PlannedFile): number =>
    action === 'removed' ? 2 : name === mainFile ? 1 : 0;
  return files
    .filter(({ action }) => action !== 'unchanged' && action !== 'kept')
    .sort((a, b) => rank(a) - rank(b));
}

function write(path: string, text: string, again: NextStep, deps: WriteDeps): Promise<void> {
  const { dirname } = deps.path;
  return attempt('write', path, again, deps, async () => {
    await deps.files.makeDirectory(dirname(path));
    await deps.files.replace(path, text);
  });
}

async function attempt(
  what: string,
  path: string,
  again: NextStep,
  { path: { dirname }, env }: WriteDeps,
  work: () => Promise<void>,
): Promise<void> {
  try {
    await work();
  } catch (error) {
    const code = systemErrorCode(error);
    throw new CliError('local_io', `cannot ${what} ${path}: ${inPlainWords(error)}`, {
      code,
      billed: 'no',
      next: [
        ...allowWriting(dirname(path), code, env),
        { ...again, why: 'every file is whole, old or new; when this is put right' },
      ],
      cause: error,
    });
  }
}
