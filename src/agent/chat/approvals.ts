/** Who allows a tool in `chat`: the flag, a person at the terminal, or an earlier "always". What a server's tool was allowed for is its definition: another one asks again. */
import { createHash } from 'node:crypto';
import type { Deps } from '../../base/deps.ts';
import { asObject } from '../../base/json.ts';
import type { ToolApproval } from '../../schemas/choices.ts';

/** How long an "always" for a server's tool holds, in ms. */
const HOLDS_MS = 30 * 24 * 3_600_000;
const MAX_BYTES = 1024 * 1024;
const MAX_KEPT = 1000;

/** What becomes of the calls of a tool: it is offered and runs, or somebody is asked; or it is not offered at all. */
export type Allowance = 'run' | 'ask' | 'leave out';

export interface ToolKind {
  buys: boolean;
  /** Of a server, which may do anything. */
  isForeign: boolean;
}

/** `how`: as the flag says; undefined: asked on a terminal, else what is bought needs a limit, and a server's tools do not run. */
export function allowanceOf(
  { buys, isForeign }: ToolKind,
  how: ToolApproval | undefined,
  { canAsk, hasCap }: { canAsk: boolean; hasCap: boolean },
): Allowance {
  if (!buys && !isForeign) return 'run';
  if (how === 'auto') return 'run';
  if (how === 'deny') return 'leave out';
  if (canAsk) return 'ask';
  return buys && !isForeign && hasCap ? 'run' : 'leave out';
}

/** What a person says to a question. */
export type Reply = 'yes' | 'no' | 'always' | 'stop';

/** `y`, `a` or anything else, which is no. */
export function replyIn(line: string): Reply {
  const word = line.trim().toLowerCase();
  if (word === 'y' || word === 'yes') return 'yes';
  return word === 'a' || word === 'always' ? 'always' : 'no';
}

interface Kept {
  server: string;
  tool: string;
  hash: string;
  /** In ms since 1970. */
  at: number;
}

/** Of one process, and for tools of servers beyond it. */
export class Approvals {
  private readonly here = new Set<string>();
  private kept: Kept[] | null = null;
  /** null: nothing is remembered on disk. */
  private readonly file: string | null;
  private readonly deps: Pick<Deps, 'files' | 'path' | 'clock'>;

  constructor(file: string | null, deps: Pick<Deps, 'files' | 'path' | 'clock'>) {
    this.file = file;
    this.deps = deps;
  }

  /** Whether nobody has to be asked. `definition`: of a server's tool, with the server itself; null for one of ours. */
  async isAllowed(
    name: string,
    server: string | null,
    definition: string | null,
  ): Promise<boolean> {
    if (this.here.has(keyOf(name, definition))) return true;
    if (server === null || definition === null) return false;
    const found = await this.find(name, server);
    return found?.hash === hashOf(definition);
  }

  /** The tool was allowed for ever, and is another one now. */
  async hasChanged(
    name: string,
    server: string | null,
    definition: string | null,
  ): Promise<boolean> {
    if (server === null || definition === null) return false;
    const found = await this.find(name, server);
    return found !== undefined && found.hash !== hashOf(definition);
  }

  /** "Always". A disk that does not take it must not stop the answer: then it holds for this process. */
  async allow(name: string, server: string | null, definition: string | null): Promise<void> {
    this.here.add(keyOf(name, definition));
    if (server === null || definition === null || this.file === null) return;
    const others = (await this.read()).filter((one) => one.server !== server || one.tool !== name);
    const at = this.deps.clock.now();
    this.kept = [...others, { server, tool: name, hash: hashOf(definition), at }].slice(-MAX_KEPT);
    const text = `${JSON.stringify({ v: 1, approvals: this.kept }, null, 2)}\n`;
    try {
      await this.deps.files.makeDirectory(this.deps.path.dirname(this.file));
      await this.deps.files.replace(this.file, text);
    } catch {
      // It is asked again next time.
    }
  }

  private async find(name: string, server: string): Promise<Kept | undefined> {
    const oldest = this.deps.clock.now() - HOLDS_MS;
    const kept = await this.read();
    return kept.find((one) => one.server === server && one.tool === name && one.at > oldest);
  }

  private async read(): Promise<Kept[]> {
    this.kept ??= await this.load();
    return this.kept;
  }

  private async load(): Promise<Kept[]> {
    if (this.file === null) return [];
    try {
      const bytes = await this.deps.files.read(this.file, MAX_BYTES);
      const { approvals } = asObject(JSON.parse(new TextDecoder().decode(bytes))) ?? {};
      return Array.isArray(approvals) ? approvals.flatMap(keptIn) : [];
    } catch {
      return [];
    }
  }
}

function keptIn(value: unknown): Kept[] {
  const { server, tool, hash, at } = asObject(value) ?? {};
  const isWhole =
    typeof server === 'string' &&
    typeof tool === 'string' &&
    typeof hash === 'string' &&
    typeof at === 'number';
  return isWhole ? [{ server, tool, hash, at }] : [];
}

function keyOf(name: string, definition: string | null): string {
  return JSON.stringify([name, definition]);
}

function hashOf(definition: string): string {
  return createHash('sha256').update(definition).digest('hex');
}
