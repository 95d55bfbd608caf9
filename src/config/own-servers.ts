/**
 * The proxies of this home that run, each in a file named after its process. What goes through one of them is in the
 * books of this home already, however its address was given. It opens no connection.
 */
import type { Deps } from '../base/deps.ts';
import { asObject } from '../base/json.ts';
import { isLoopback } from '../base/loopback.ts';
import { type Holder, stateOf, thisProcess } from '../base/process-state.ts';
import type { Places } from './places.ts';

type FileDeps = Pick<Deps, 'files' | 'path' | 'processMark' | 'processSpace'>;

interface OwnServer extends Holder {
  /** That it listens on, as a flag has it. */
  host: string;
  port: number;
}

/** More were never cleared away, and the directory is not ours. */
const MAX_SERVERS = 64;

const MAX_NOTE_BYTES = 4096;

/** Every address of the machine. */
const everywhere: ReadonlySet<string> = new Set(['0.0.0.0', '::', '[::]']);

/**
 * Notes that this process listens, and clears away what dead ones noted. Returns the end of that. It never rejects: where nothing can
 * be written, the ledger takes no line either.
 */
export async function noteServer(
  { servers }: Pick<Places, 'servers'>,
  { host, port }: { host: string; port: number },
  deps: FileDeps & Pick<Deps, 'processId'>,
): Promise<() => Promise<void>> {
  const { files, path } = deps;
  const file = path.join(servers, `${deps.processId}-${port}.json`);
  const note = { v: 1, ...thisProcess(deps), host, port };
  try {
    await files.makeDirectory(servers);
    await files.replace(file, `${JSON.stringify(note)}\n`, { durable: false });
    for (const [name, server] of await notesIn(servers, deps))
      if (stateOf(server, deps) === 'dead') await files.remove(path.join(servers, name));
  } catch {
    // what cannot be cleared away is read as dead
  }
  return () => files.remove(file).catch(() => {});
}

/** Whether a proxy of this home, on this machine, answers at this base URL. false where that cannot be read. */
export async function isOwnServer(
  { servers }: Pick<Places, 'servers'>,
  baseUrl: string,
  deps: FileDeps,
): Promise<boolean> {
  if (!URL.canParse(baseUrl)) return false;
  const url = new URL(baseUrl);
  // Most gateways are elsewhere, and have no port in their address: nothing is read for them.
  if (url.port === '' && !isLoopback(url.hostname)) return false;
  const port = Number(url.port) || (url.protocol === 'https:' ? 443 : 80);
  const notes = await notesIn(servers, deps).catch(() => []);
  return notes.some(
    ([, server]) =>
      server.port === port &&
      isReachedAs(url.hostname, server.host) &&
      stateOf(server, deps) === 'runs',
  );
}

function isReachedAs(hostname: string, host: string): boolean {
  const bare = (name: string): string => name.toLowerCase().replace(/^\[|\]$/g, '');
  if (bare(hostname) === bare(host)) return true;
  return isLoopback(hostname) && (everywhere.has(host) || isLoopback(host));
}

async function notesIn(
  directory: string,
  { files, path }: FileDeps,
): Promise<[string, OwnServer][]> {
  const names = (await files.list(directory)).filter((name) => /^\d+-\d+\.json$/.test(name));
  const notes: [string, OwnServer][] = [];
  for (const name of names.slice(0, MAX_SERVERS)) {
    const bytes = await files.read(path.join(directory, name), MAX_NOTE_BYTES).catch(() => null);
    const server = bytes === null ? null : readNote(Buffer.from(bytes).toString('utf8'));
    if (server !== null) notes.push([name, server]);
  }
  return notes;
}

/** null for anything else: another version wrote it, or nobody of ours. */
function readNote(text: string): OwnServer | null {
  let note: ReturnType<typeof asObject>;
  try {
    note = asObject(JSON.parse(text));
  } catch {
    return null;
  }
  const { v, pid, mark, space, host, port } = note ?? {};
  if (v !== 1 || !Number.isSafeInteger(pid) || !Number.isSafeInteger(port)) return null;
  if (typeof mark !== 'string' || typeof space !== 'string' || typeof host !== 'string')
    return null;
  return { pid: Number(pid), mark, space, host, port: Number(port) };
}
