/**
 * The proxies of this home that run, each in a file named after its process. What goes through one of them is in the
 * books of this home already, however its address was given. It opens no connection.
 */
import { isIP } from 'node:net';
import type { Deps } from '../base/deps.ts';
import { asObject } from '../base/json.ts';
import { isLoopback } from '../base/loopback.ts';
import { type Holder, stateOf, thisProcess } from '../base/process-state.ts';
import type { Places } from './places.ts';

type FileDeps = Pick<Deps, 'files' | 'path' | 'processMark' | 'processSpace'>;

interface Listening {
  /** That it listens on, as a flag has it. */
  host: string;
  port: number;
  /** Further names by which it may be called. */
  allowHosts: readonly string[];
}

interface OwnServer extends Holder, Listening {}

/** More were never cleared away, and the directory is not ours. */
const MAX_SERVERS = 1000;

const MAX_NOTE_BYTES = 16 * 1024;

/**
 * Notes that this process listens, and clears away what dead ones noted. Returns the end of that. It never rejects: where nothing can
 * be written, the ledger takes no line either.
 */
export async function noteServer(
  { servers }: Pick<Places, 'servers'>,
  { host, port, allowHosts }: Listening,
  deps: FileDeps & Pick<Deps, 'processId'>,
): Promise<() => Promise<void>> {
  const { files, path } = deps;
  const file = path.join(servers, `${beginningOf(port, deps)}${deps.processId}.json`);
  const note = { v: 1, ...thisProcess(deps), host, port, allowHosts };
  try {
    await files.makeDirectory(servers);
    await files.replace(file, `${JSON.stringify(note)}\n`, { durable: false });
    for (const [name, server] of await notesIn(servers, '', deps))
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
  deps: FileDeps & Pick<Deps, 'addresses'>,
): Promise<boolean> {
  if (!URL.canParse(baseUrl)) return false;
  const url = new URL(baseUrl);
  const port = Number(url.port) || (url.protocol === 'https:' ? 443 : 80);
  const notes = await notesIn(servers, beginningOf(port, deps), deps).catch(() => []);
  const name = bare(url.hostname);
  return notes.some(
    ([, server]) =>
      server.port === port && isReachedAs(name, server, deps) && stateOf(server, deps) === 'runs',
  );
}

/** Of the names of the notes of one port. Whether what another container noted still runs cannot be seen from here. */
function beginningOf(port: number, { processSpace }: Pick<Deps, 'processSpace'>): string {
  return `${processSpace()}-${port}-`;
}

/** Two addresses of this machine may be two servers. */
function isReachedAs(
  name: string,
  { host, allowHosts }: Listening,
  { addresses }: Pick<Deps, 'addresses'>,
): boolean {
  const at = bare(host);
  if (name === at || allowHosts.some((one) => bare(one) === name)) return true;
  const isHere = isLoopback(name);
  if (name === 'localhost') return at === '::' || at === '0.0.0.0' || isLoopback(at);
  if (at === 'localhost') return isHere;
  if (at !== '::' && (at !== '0.0.0.0' || isIP(name) !== 4)) return false;
  return isHere || (isIP(name) !== 0 && addresses().includes(name));
}

function bare(name: string): string {
  return name.toLowerCase().replace(/^\[|\]$|\.$/g, '');
}

async function notesIn(
  directory: string,
  beginning: string,
  { files, path }: FileDeps,
): Promise<[string, OwnServer][]> {
  const names = (await files.list(directory)).filter(
    (name) => name.startsWith(beginning) && name.endsWith('.json'),
  );
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
  const { v, pid, mark, space, host, port, allowHosts } = note ?? {};
  if (v !== 1 || !Number.isSafeInteger(pid) || !Number.isSafeInteger(port)) return null;
  if (typeof mark !== 'string' || typeof space !== 'string' || typeof host !== 'string')
    return null;
  const names = Array.isArray(allowHosts) ? allowHosts : [];
  return {
    ...{ pid: Number(pid), mark, space, host, port: Number(port) },
    allowHosts: names.filter((name) => typeof name === 'string'),
  };
}
