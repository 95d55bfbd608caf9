/** Files of a result as a host wants them: links, and on request the image itself. It reads only what was just saved. */
import { pathToFileURL } from 'node:url';
import type { ContentBlock } from '@modelcontextprotocol/server';
import type { Deps } from '../../base/deps.ts';
import { asObject } from '../../base/json.ts';
import type { ResultDocument } from './result-document.ts';

/** Of images in a result, together: base64 makes a third more of them, and a host counts it as text. */
const MOST_BYTES = 1024 * 1024;

interface SavedFile {
  path: string;
  bytes: number;
  mime: string;
}

export function linksTo(document: ResultDocument, deps: Pick<Deps, 'platform' | 'path'>) {
  return filesOf(document).map(
    ({ path, bytes, mime }): ContentBlock => ({
      type: 'resource_link',
      uri: pathToFileURL(path, { windows: deps.platform === 'win32' }).href,
      name: deps.path.basename(path),
      mimeType: mime,
      size: bytes,
    }),
  );
}

/** The images, as long as they are small together. */
export async function imagesOf(
  document: ResultDocument,
  { files }: Pick<Deps, 'files'>,
): Promise<ContentBlock[]> {
  const images: ContentBlock[] = [];
  let left = MOST_BYTES;
  for (const { path, bytes, mime } of filesOf(document)) {
    if (!mime.startsWith('image/') || bytes > left) continue;
    left -= bytes;
    try {
      const data = Buffer.from(await files.read(path, bytes)).toString('base64');
      images.push({ type: 'image', data, mimeType: mime });
    } catch {
      // Its path is in the result, which is what counts.
    }
  }
  return images;
}

function filesOf({ files }: ResultDocument): SavedFile[] {
  if (!Array.isArray(files)) return [];
  return files.flatMap((one: unknown) => {
    const { path, bytes, mime } = asObject(one) ?? {};
    return typeof path === 'string' && typeof bytes === 'number' && typeof mime === 'string'
      ? [{ path, bytes, mime }]
      : [];
  });
}
