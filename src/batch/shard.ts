/** Which lines are of this part of a batch, and what its output is called. It reads no file. */
import { crc32 } from 'node:zlib';
import type { Deps } from '../base/deps.ts';
import { CliError } from '../base/errors.ts';
import { variable } from '../config/variable.ts';
import type { Shard } from './options.ts';

const MAX_SHARDS = 100_000;

/** How engines say which part a process has. The first whose index is set counts. */
const engines = [
  {
    index: 'SLURM_ARRAY_TASK_ID',
    count: 'SLURM_ARRAY_TASK_COUNT',
    first: 'SLURM_ARRAY_TASK_MIN',
    step: 'SLURM_ARRAY_TASK_STEP',
  },
  // GitLab counts from 1.
  { index: 'CI_NODE_INDEX', count: 'CI_NODE_TOTAL', from: 1 },
  { index: 'CIRCLE_NODE_INDEX', count: 'CIRCLE_NODE_TOTAL' },
  // Kubernetes does not say how many there are.
  { index: 'JOB_COMPLETION_INDEX' },
] as const satisfies readonly Engine[];

interface Engine {
  index: string;
  count?: string;
  /** The variable with the lowest index. */
  first?: string;
  step?: string;
  /** The lowest index. */
  from?: number;
}

/** `i/n` with i from 0, `auto`, or `auto/n`. Throws `CliError` usage. */
export function readShard(text: string, deps: Pick<Deps, 'env' | 'platform'>): Shard {
  const match = /^(?:(\d{1,6})\/(\d{1,6})|auto(?:\/(\d{1,6}))?)$/.exec(text);
  if (match === null) throw bad(text, 'expected i/n with i from 0, auto, or auto/n');
  const [, index, count, total] = match;
  if (index !== undefined) return checked(text, Number(index), Number(count));
  return fromEnvironment(text, total === undefined ? null : Number(total), deps);
}

function fromEnvironment(
  text: string,
  total: number | null,
  deps: Pick<Deps, 'env' | 'platform'>,
): Shard {
  const read = (name: string | undefined): number | null => {
    const value = name === undefined ? undefined : variable(deps, name);
    return value !== undefined && /^\d{1,9}$/.test(value) ? Number(value) : null;
  };
  for (const engine of engines as readonly Engine[]) {
    const index = read(engine.index);
    if (index === null) continue;
    const count = total ?? read(engine.count);
    if (count === null) {
      const words =
        engine.count === undefined
          ? `${engine.index} names no number of parts; give it: --shard auto/<n>`
          : `${engine.index} is set, and ${engine.count} is not; give the number of parts: --shard auto/<n>`;
      throw bad(text, words);
    }
    const first = read(engine.first) ?? engine.from ?? 0;
    return checked(text, Math.floor((index - first) / (read(engine.step) || 1)), count);
  }
  throw bad(text, `none of ${engines.map(({ index }) => index).join(', ')} is set`);
}

function checked(text: string, index: number, count: number): Shard {
  if (count < 1 || count > MAX_SHARDS) throw bad(text, `expected 1 to ${MAX_SHARDS} parts`);
  if (index < 0 || index >= count) throw bad(text, `part ${index} is not one of 0 to ${count - 1}`);
  return { index, count };
}

function bad(text: string, words: string): CliError {
  return new CliError('usage', `--shard ${text}: ${words}`, { code: 'bad_shard' });
}

/** Whether the line with this id is of the shard. */
export function isInShard(id: string, { index, count }: Shard): boolean {
  return count === 1 || crc32(id) % count === index;
}

/** `out.jsonl` is `out.3-of-8.jsonl` for the shard 3/8. */
export function shardName(path: string, { index, count }: Shard, deps: Pick<Deps, 'path'>): string {
  const { ext, dir, name } = deps.path.parse(path);
  const width = String(count - 1).length;
  return deps.path.join(dir, `${name}.${String(index).padStart(width, '0')}-of-${count}${ext}`);
}
