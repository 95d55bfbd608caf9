/** Makes the whole, checked and durable temporary file of one item, from the reply on disk or from its address. It gives no names. */
import { createHash, type Hash } from 'node:crypto';
import { posix, win32 } from 'node:path';
import type { FileReader, FileWriter } from '../deps.ts';
import { CliError, systemErrorCode } from '../errors.ts';
import type { OutputEvent } from '../events.ts';
import { asObject } from '../json.ts';
import type { TaskItem } from '../schemas/task-record.ts';
import { download } from '../transport/download.ts';
import { TimedOut } from '../transport/watch.ts';
import { diskWords } from './after-purchase.ts';
import { BadBase64, Base64Decoder } from './base64.ts';
import { fileTypeOf } from './file-type.ts';
import { resumeCommand } from './hints.ts';
import type { Job } from './journal.ts';
import { readSpool } from './spool.ts';
import { LongString } from './spooled-json.ts';
import type { World } from './world.ts';

/** More than any film of a minute; an endless file ends here. */
const MAX_FILE_BYTES = 16 * 1024 ** 3;
const PIECE = 256 * 1024;

/** After so many bytes, the buffers that brought them are given back. */
const TIDY_BYTES = 1 * 1024 * 1024;

/** As much as the kind of a file is told by. */
const HEAD_BYTES = 4096;

export interface Made {
  temporary: string;
  bytes: number;
  sha256: string;
  mime: string;
  extension: string;
  /** What is odd about it, for the person. */
  warning: string | null;
}

/** The same for the same item, so that a later process finds it. */
export function temporaryPath(
  job: Job,
  index: number,
  directory: string,
  platform: string,
): string {
  return (platform === 'win32' ? win32 : posix).join(directory, `.${job.record.id}-${index}.part`);
}

/** From the base64 in the reply on disk. Throws `BadPicture` when it holds none, or the disk's error. */
export async function decodeInline(
  job: Job,
  index: number,
  directory: string,
  { deps }: Pick<World, 'deps'>,
): Promise<Made> {
  const item = itemOf(job, index);
  const body = job.record.body ?? '';
  const temporary = temporaryPath(job, index, directory, deps.platform);
  const { json } = await readSpool(body, deps);
  const data = asObject(json)?.data;
  const value = asObject(Array.isArray(data) ? data[item.inline ?? 0] : null)?.b64_json;
  const output = await openHashed(temporary, null, deps);
  try {
    const reader = await deps.files.openToRead(body);
    try {
      await decode(value, reader, output);
    } finally {
      await reader.close();
    }
    await output.file.sync();
  } catch (error) {
    if (error instanceof BadBase64) throw new BadPicture('its base64 is damaged');
    throw error;
  } finally {
    await output.file.close();
  }
  const type = fileTypeOf(output.head);
  if (type === null || type.kind !== 'image') throw new BadPicture('its bytes are no image');
  return { temporary, ...output.facts(), ...type, warning: null };
}

/** What the gateway called a picture is none. The reply stays on disk. */
export class BadPicture extends Error {}

async function decode(value: unknown, reader: FileReader, output: Hashed): Promise<void> {
  const decoder = new Base64Decoder();
  if (value instanceof LongString) {
    for (let at = 0; at < value.length; at += PIECE) {
      const piece = reader.read(value.offset + at, Math.min(PIECE, value.length - at));
      await output.write(decoder.push(piece));
    }
  } else await output.write(decoder.push(Buffer.from(typeof value === 'string' ? value : '')));
  await output.write(decoder.end());
}

/** From its address, going on where an earlier try stopped. Throws `CliError` expired (dead_url) when the address is dead. */
export async function* fetchItem(
  job: Job,
  index: number,
  directory: string,
  world: World,
): AsyncGenerator<OutputEvent, Made, undefined> {
  const { deps, gateway } = world;
  const item = itemOf(job, index);
  const url = item.url ?? '';
  const temporary = temporaryPath(job, index, directory, deps.platform);
  const left = item.part?.path === temporary ? await deps.files.status(temporary) : null;
  const part =
    left === null || item.part === null
      ? null
      : { bytes: left.bytes, validator: item.part.validator, total: item.part.total };
  const output = await openHashed(temporary, part?.bytes ?? null, deps);
  try {
    const sink = {
      restart: () => output.restart(),
      write: (bytes: Uint8Array) => output.write(bytes),
      head: async ({ total, validator }: { total: number | null; validator: string | null }) => {
        await changeItem(job, index, { part: { path: temporary, url, validator, total } });
      },
    };
    const request = {
      url,
      baseUrl: gateway.baseUrl,
      userAgent: `alltoken-cli/${deps.version}`,
      timeouts: world.policy.timeouts,
      maxBytes: MAX_FILE_BYTES,
      part,
      sink,
    };
    const storage = await world.storage();
    const deadline = startDeadline(world);
    let contentType: string | null;
    try {
      const signal = deadline?.signal ?? deps.signal;
      contentType = yield* showDownload(job, download(request, storage, { ...deps, signal }), deps);
    } finally {
      deadline?.stop();
    }
    await output.file.sync();
    return { temporary, ...output.facts(), ...judge(item, output.head, contentType) };
  } finally {
    await output.file.close();
    // Nothing came: nothing is left behind.
    if (output.size() === 0) await deps.files.remove(temporary).catch(() => {});
  }
}

/** --timeout ends a download too, which can go on later; null without one. */
function startDeadline({ policy, deps }: World): { signal: AbortSignal; stop(): void } | null {
  const { deadlineAt, timeouts } = policy;
  if (deadlineAt === null || deadlineAt === undefined) return null;
  const late = new AbortController();
  const left = Math.max(1, deadlineAt - deps.clock.monotonic());
  const timer = setTimeout(() => late.abort(new TimedOut('total', timeouts.totalMs ?? left)), left);
  return {
    signal: AbortSignal.any([deps.signal, late.signal]),
    stop: () => clearTimeout(timer),
  };
}

/** Notes of the download as events; returns the type that the server gave. */
async function* showDownload(
  job: Job,
  notes: ReturnType<typeof download>,
  { clock }: World['deps'],
): AsyncGenerator<OutputEvent, string | null, undefined> {
  const { task_id } = job.record;
  let before: { at: number; bytes: number } | null = null;
  let attempt = 1;
  for (;;) {
    const { done, value } = await notes.next();
    if (done) return value.contentType;
    if (value.type === 'retrying') {
      const reason = `${value.reason.message} [${value.reason.exit}]`;
      const wait_ms = Math.round(value.waitMs);
      attempt += 1;
      yield { type: 'retry', attempt, wait_ms, model: job.record.model, reason };
      continue;
    }
    const at = clock.monotonic();
    const rate =
      before === null || at <= before.at
        ? null
        : Math.round(((value.bytes - before.bytes) / (at - before.at)) * 1000);
    before ??= { at, bytes: value.bytes };
    yield {
      type: 'progress',
      phase: 'download',
      task_id,
      bytes: value.bytes,
      total_bytes: value.total,
      bytes_per_second: rate,
    };
  }
}

/** A picture must be one; a film of a kind we do not know is kept all the same, because it is paid for. */
function judge(
  item: TaskItem,
  head: Uint8Array,
  contentType: string | null,
): Pick<Made, 'mime' | 'extension' | 'warning'> {
  const type = fileTypeOf(head);
  const wanted = item.role === 'video' ? 'video' : 'image';
  if (type?.kind === wanted) return { mime: type.mime, extension: type.extension, warning: null };
  if (wanted === 'image') throw new BadPicture('its bytes are no image');
  const said = /^video\/[\w.+-]+/.exec(contentType ?? '')?.[0];
  return {
    mime: type?.mime ?? said ?? 'application/octet-stream',
    extension: type?.extension ?? 'mp4',
    warning: 'the bytes are of no kind of video that is known; see whether it plays',
  };
}

/** Changes one item of the record, durably. */
export async function changeItem(
  job: Job,
  index: number,
  change: Partial<TaskItem>,
): Promise<string | null> {
  const items = job.record.items.map((item, at) => (at === index ? { ...item, ...change } : item));
  return job.update({ items });
}

export function itemOf(job: Job, index: number): TaskItem {
  const item = job.record.items[index];
  if (item === undefined) throw new Error(`job ${job.record.id} has no item ${index}`);
  return item;
}

/** A file whose hash and first bytes are known when it is written. */
interface Hashed {
  readonly file: FileWriter;
  readonly head: Uint8Array;
  write(bytes: Uint8Array): Promise<void>;
  /** From the beginning again. */
  restart(): Promise<void>;
  /** In bytes, until now. */
  size(): number;
  facts(): { bytes: number; sha256: string };
}

/** `keep`: that many bytes are there already; null: a new file. */
async function openHashed(
  path: string,
  keep: number | null,
  { files, freeBuffers }: World['deps'],
): Promise<Hashed> {
  let hash: Hash = createHash('sha256');
  let head = Buffer.alloc(0);
  let size = 0;
  const take = (bytes: Uint8Array): void => {
    hash.update(bytes);
    if (Math.floor(size / TIDY_BYTES) < Math.floor((size + bytes.length) / TIDY_BYTES))
      freeBuffers();
    size += bytes.length;
    if (head.length < HEAD_BYTES)
      head = Buffer.concat([head, bytes.subarray(0, HEAD_BYTES - head.length)]);
  };
  if (keep !== null) await readAll(path, files, take);
  let file = await files.openToWrite(path, keep === null ? 'empty' : size, 0o666);
  return {
    get file() {
      return file;
    },
    get head() {
      return head;
    },
    async write(bytes) {
      await file.write(bytes);
      take(bytes);
    },
    async restart() {
      await file.close();
      hash = createHash('sha256');
      head = Buffer.alloc(0);
      size = 0;
      file = await files.openToWrite(path, 'empty', 0o666);
    },
    size: () => size,
    facts: () => ({ bytes: size, sha256: hash.digest('hex') }),
  };
}

async function readAll(
  path: string,
  files: World['deps']['files'],
  take: (bytes: Uint8Array) => void,
): Promise<void> {
  const reader = await files.openToRead(path);
  try {
    for (let at = 0; at < reader.size; ) {
      const bytes = reader.read(at, PIECE);
      if (bytes.length === 0) break;
      take(bytes);
      at += bytes.length;
    }
  } finally {
    await reader.close();
  }
}

/** Hash and size of a file; null when it cannot be read. */
export async function hashOf(
  path: string,
  files: World['deps']['files'],
): Promise<{ bytes: number; sha256: string } | null> {
  try {
    const hash = createHash('sha256');
    let bytes = 0;
    await readAll(path, files, (piece) => {
      hash.update(piece);
      bytes += piece.length;
    });
    return { bytes, sha256: hash.digest('hex') };
  } catch {
    return null;
  }
}

/** Trouble with this machine's disk, after the purchase. Other errors come back as they are. */
export function diskError(error: unknown, job: Job, what: string): unknown {
  if (error instanceof CliError) return error;
  const code = systemErrorCode(error);
  if (code === undefined) return error;
  const full = code === 'ENOSPC' || code === 'EDQUOT';
  const kept = job.record.body === null ? '' : `; the result is kept in ${job.record.body}`;
  return new CliError('local_io', `cannot save ${what}: ${diskWords(code)}${kept}`, {
    code,
    billed: 'yes',
    taskId: job.record.task_id ?? undefined,
    hint: full
      ? `make room, then: ${resumeCommand(job.record)}`
      : `${resumeCommand(job.record, ' -o <directory>')}`,
    cause: error,
  });
}
