/** Checks this machine: versions, and directories that are private and writable. It leaves nothing behind but directories. */
import type { Deps } from '../../base/deps.ts';
import { CliError, systemErrorCode } from '../../base/errors.ts';
import { shellWord } from '../../base/shell-word.ts';
import type { Places } from '../../config/places.ts';
import type { Found } from './check.ts';

/** As `engines` in package.json has it. */
const oldestNode = [20, 18, 1] as const;

/** Throws `local_io` when this Node is older than the oldest that we run on. */
export function checkVersions({
  version,
  nodeVersion,
}: Pick<Deps, 'version' | 'nodeVersion'>): Found<null> {
  const parts = nodeVersion.split('.').map((part) => Number.parseInt(part, 10));
  const difference = oldestNode
    .map((oldest, index) => (parts[index] ?? 0) - oldest)
    .find((step) => step !== 0);
  if (difference !== undefined && difference < 0)
    throw new CliError(
      'local_io',
      `Node ${nodeVersion} is too old; alltoken ${version} needs ${oldestNode.join('.')} or later`,
      { code: 'old_node' },
    );
  return { value: null, detail: `alltoken ${version}, Node ${nodeVersion}` };
}

/** Bits of a POSIX mode. */
const READ_BY_OTHERS = 0o044;
const CHANGED_BY_OTHERS = 0o022;

/** The config and the state should be private. This is only a warning: readable files do not stop a call. */
export async function checkPermissions(
  places: Places,
  deps: Pick<Deps, 'files' | 'path' | 'platform'>,
): Promise<Found<null>> {
  if (deps.platform === 'win32') return { value: null, detail: 'not checked on Windows' };
  const { configFile, ledger, sessions, tasks, budget } = places;
  const own = [configFile, deps.path.dirname(ledger), ledger, sessions, tasks, budget];
  const readable: string[] = [];
  const writable: string[] = [];
  let seen = 0;
  for (const path of new Set([...own, deps.path.dirname(configFile)])) {
    // A path that cannot be checked is skipped; the state check reports whether it can be used.
    const status = await deps.files.status(path).catch(() => null);
    if (status === null) continue;
    seen += 1;
    if (own.includes(path) && (status.mode & READ_BY_OTHERS) !== 0) readable.push(path);
    if ((status.mode & CHANGED_BY_OTHERS) !== 0) writable.push(path);
  }
  const both = [...new Set([...readable, ...writable])];
  if (both.length === 0)
    return { value: null, detail: seen === 0 ? 'nothing exists yet' : 'only you have access' };
  const warnings = [
    ...(readable.length === 0 ? [] : [`other users can read ${readable.join(', ')}`]),
    ...(writable.length === 0 ? [] : [`other users can change ${writable.join(', ')}`]),
    `run chmod go-rwx ${both.map(shellWord).join(' ')}`,
  ];
  return { value: null, detail: '', warnings };
}

/** Creates the directories that a call would create, and tests each with a file that it removes again. */
export async function checkState(
  { ledger, sessions, tasks }: Places,
  deps: Pick<Deps, 'files' | 'path' | 'uuid'>,
): Promise<Found<null>> {
  const { dirname, join } = deps.path;
  const root = dirname(ledger);
  const uses = [
    { path: ledger, lost: 'no ledger' },
    { path: sessions, lost: 'no conversations' },
    { path: tasks, lost: 'images and videos only with --no-journal' },
  ];
  const faults: { path: string; code: string; lost: string }[] = [];
  for (const { path, lost } of uses) {
    const probe = join(path, `.doctor-${deps.uuid()}`);
    try {
      await tryToWrite(path, probe, deps);
    } catch (error) {
      // Not a failure: without state directories answers still arrive, but there is no ledger.
      faults.push({ path, code: systemErrorCode(error) ?? 'unknown error', lost });
    }
  }
  const codes = new Set(faults.map(({ code }) => code));
  const [code] = codes;
  if (code === undefined) return { value: null, detail: root };
  const isAll = faults.length === uses.length && codes.size === 1;
  const warnings = isAll
    ? [`${root} cannot be written (${code}): ${faults.map(({ lost }) => lost).join(', ')}`]
    : faults.map((fault) => `${fault.path} cannot be written (${fault.code}): ${fault.lost}`);
  return { value: null, detail: '', warnings };
}

async function tryToWrite(
  directory: string,
  probe: string,
  { files }: Pick<Deps, 'files'>,
): Promise<void> {
  await files.makeDirectory(directory);
  const status = await files.status(directory);
  if (!status?.isDirectory) throw Object.assign(new Error(directory), { code: 'ENOTDIR' });
  const writer = await files.openToWrite(probe, 'new', 0o600);
  try {
    // A full disk still allows empty files.
    await writer.write(new TextEncoder().encode('alltoken config doctor\n'));
    await writer.sync();
  } finally {
    await writer.close().finally(() => files.remove(probe));
  }
}
