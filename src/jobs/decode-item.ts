/** Decodes one image from the response on disk into its temporary file, in constant memory. It does not publish the file. */

import type { FileReader } from '../base/deps.ts';
import { systemErrorCode } from '../base/errors.ts';
import { asObject, asText } from '../base/json.ts';
import { inlineOf, unwrapped } from '../client/task-reply.ts';
import { BadBase64, Base64Decoder } from './base64.ts';
import { type HashedFile, openHashed } from './hashed-file.ts';
import { itemOf } from './items.ts';
import type { Job } from './job.ts';
import type { JobContext } from './job-context.ts';
import { judge } from './judge.ts';
import { readSpool } from './spool.ts';
import { LongString } from './spooled-json.ts';
import { BadImage, type Made, temporaryPath } from './temporary.ts';

/** Base64 read at a time, in bytes. */
const PIECE = 256 * 1024;

/** From the base64 in the response on disk. Throws `BadImage` when it contains none, or the disk's error; of an unknown kind only if `anyKind` is false. */
export async function decodeInline(
  job: Job,
  index: number,
  directory: string,
  anyKind: boolean,
  { deps }: Pick<JobContext, 'deps'>,
): Promise<Made> {
  const item = itemOf(job, index);
  const body = job.record.body ?? '';
  const temporary = temporaryPath(job, index, directory, deps);
  const json = await readSaved(body, deps);
  const top = asObject(json);
  const data = top === null ? null : unwrapped(top).data;
  const entry = asObject(Array.isArray(data) ? data[item.inline ?? 0] : null);
  const value = entry === null ? null : inlineOf(entry);
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
    if (error instanceof BadBase64) throw new BadImage('its base64 is damaged');
    throw error;
  } finally {
    await output.file.close();
  }
  const judged = judge(item.role, output.head, asText(entry?.mime_type));
  if (judged.warning !== null && !anyKind) throw new BadImage('of no known image format');
  return { temporary, ...output.facts(), ...judged };
}

/** What a disk made of it is no JSON any more; there may be an address of the image. */
async function readSaved(body: string, deps: JobContext['deps']): Promise<unknown> {
  try {
    return (await readSpool(body, deps)).json;
  } catch (error) {
    if (systemErrorCode(error) !== undefined) throw error;
    throw new BadImage('the saved response is damaged');
  }
}

async function decode(value: unknown, reader: FileReader, output: HashedFile): Promise<void> {
  const decoder = new Base64Decoder();
  if (value instanceof LongString) {
    for (let at = 0; at < value.length; at += PIECE) {
      const piece = reader.read(value.offset + at, Math.min(PIECE, value.length - at));
      await output.write(decoder.push(piece));
    }
  } else await output.write(decoder.push(Buffer.from(typeof value === 'string' ? value : '')));
  await output.write(decoder.end());
}
