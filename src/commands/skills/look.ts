/** What is at a place in a skill's folder. A folder may have come with a cloned repository: links out of it are seen as such, and nothing is waited for. */
import type { Deps } from '../../base/deps.ts';
import { type Manifest, manifestFile, parseManifest } from './manifest.ts';
import { sha256 } from './own-skills.ts';

type LookDeps = Pick<Deps, 'files' | 'path' | 'signal'>;

/** `sum`: SHA-256 of the content; '' when it is too big to be ours. */
export type Sight =
  | { is: 'absent' }
  | { is: 'directory' }
  /** A link that leads to nothing. */
  | { is: 'nowhere' }
  | { is: 'file'; sum: string }
  /** A link that leads out of the skill's folder, to a file. */
  | { is: 'elsewhere'; sum: string };

export interface Refusal {
  /** Absolute. */
  path: string;
  reason: string;
  /** --force would replace it. */
  canForce: boolean;
}

const MAX_BYTES = 1024 * 1024;

/** `name`: in `directory`, with / between. Throws the system's errors. */
export async function lookAt(directory: string, name: string, deps: LookDeps): Promise<Sight> {
  const { files } = deps;
  const path = pathTo(directory, name, deps);
  if (!(await files.isTaken(path))) return { is: 'absent' };
  const status = await files.status(path);
  if (status === null) return { is: 'nowhere' };
  if (status.isDirectory) return { is: 'directory' };
  const is = (await leadsOut(directory, name, deps)) ? 'elsewhere' : 'file';
  return { is, sum: sha256Of(await contentOf(path, status.bytes, deps)) };
}

/** Why nothing can be written into a folder ('': the skill's own, which may be a link of the user's); null when it can, or is not there yet. */
export async function lookAtFolder(
  directory: string,
  name: string,
  deps: LookDeps,
): Promise<Refusal | null> {
  const { files } = deps;
  const path = pathTo(directory, name, deps);
  if (!(await files.isTaken(path))) return null;
  const refuse = (reason: string): Refusal => ({ path, reason, canForce: false });
  const status = await files.status(path);
  if (status === null) return refuse('it is a link to nowhere');
  if (!status.isDirectory) return refuse('it is not a directory');
  return name !== '' && (await leadsOut(directory, name, deps))
    ? refuse('it is a link out of the folder of the skill')
    : null;
}

/** Why a skill's folder is not where its path says; null when it is, or is not there yet. */
export async function lookForLink(directory: string, deps: LookDeps): Promise<Refusal | null> {
  const { dirname, basename } = deps.path;
  const parent = dirname(directory);
  if ((await deps.files.status(directory)) === null) return null;
  return (await leadsOut(parent, basename(directory), deps))
    ? { path: directory, reason: `it is a link out of ${parent}`, canForce: false }
    : null;
}

/** The manifest of a folder; null when there is none that we understand. `problem`: it could not be written. */
export async function lookAtManifest(
  directory: string,
  deps: LookDeps,
): Promise<{ text: string | null; manifest: Manifest | null; problem: Refusal | null }> {
  const path = pathTo(directory, manifestFile, deps);
  const seen = await lookAt(directory, manifestFile, deps);
  const nothing = { text: null, manifest: null };
  if (seen.is === 'absent') return { ...nothing, problem: null };
  if (seen.is !== 'file')
    return { ...nothing, problem: { path, reason: 'it is not a regular file', canForce: false } };
  const status = await deps.files.status(path);
  const content = await contentOf(path, status?.bytes ?? 0, deps);
  const text = content === null ? '' : new TextDecoder().decode(content);
  return { text, manifest: parseManifest(text), problem: null };
}

function pathTo(directory: string, name: string, { path }: LookDeps): string {
  return path.join(directory, name);
}

/** The way from the folder is another one than the name says. */
async function leadsOut(directory: string, name: string, deps: LookDeps): Promise<boolean> {
  const { relative, normalize } = deps.path;
  const root = await deps.files.realPath(directory);
  const real = await deps.files.realPath(pathTo(directory, name, deps));
  return relative(root, real) !== normalize(name);
}

/** null when it is too big to be ours. */
async function contentOf(
  path: string,
  bytes: number,
  { files, signal }: LookDeps,
): Promise<Uint8Array | null> {
  // Also where the size is 0 but it is not a regular file: reading a pipe would block.
  if (bytes === 0) return new Uint8Array();
  return bytes > MAX_BYTES ? null : files.read(path, MAX_BYTES, signal);
}

function sha256Of(content: Uint8Array | null): string {
  return content === null ? '' : sha256(content);
}
