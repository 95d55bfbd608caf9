/** Decides whether bytes can be what was ordered. It saves nothing: what is of an unknown kind is paid for too, and gets a warning. */
import type { TaskItem } from '../schemas/task-record.ts';
import { documentKind } from '../transport/document-kind.ts';
import { resultTypeOf } from './result-type.ts';
import { BadImage, type Made } from './temporary.ts';

/** `head`: the first 4096 bytes. `said`: the type that the server named. Throws `BadImage` for what is certainly no result. */
export function judge(
  role: TaskItem['role'],
  head: Uint8Array,
  said: string | null,
): Pick<Made, 'mime' | 'extension' | 'warning'> {
  const wanted = role === 'video' ? 'video' : 'image';
  const type = resultTypeOf(head);
  if (type?.kind === wanted) return { mime: type.mime, extension: type.extension, warning: null };
  if (head.length === 0) throw new BadImage('it is empty');
  const document = documentKind(head);
  // A film of an unknown kind may begin with letters.
  const isBad =
    document !== null && document !== 'svg' && (document !== 'text' || wanted === 'image');
  if (isBad) throw new BadImage(`it is ${documents[document]}`);
  if (wanted === 'image' && (type !== null || head.every((byte) => byte === 0)))
    throw new BadImage('it is not an image');
  const named = new RegExp(`^${wanted}/[\\w.+-]{1,60}`).exec(said ?? '')?.[0];
  return {
    mime: type?.mime ?? named ?? 'application/octet-stream',
    extension: type?.extension ?? (wanted === 'video' ? 'mp4' : 'bin'),
    warning:
      wanted === 'video'
        ? 'not a known video format; check whether it plays'
        : 'not a known image format; check whether it opens',
  };
}

const documents = {
  json: 'a JSON document',
  html: 'an HTML page',
  xml: 'an XML document',
  text: 'plain text',
} as const;
