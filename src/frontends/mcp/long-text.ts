/** Keeps a long answer out of the host's context: the whole of it goes to a file, its beginning into the result. It was paid for, so it is never lost. */
import type { Deps } from '../../base/deps.ts';
import type { ResultDocument } from './result-document.ts';

/** Characters of a text that are returned. */
const MOST = 20_000;

type SaveDeps = Pick<Deps, 'files' | 'path' | 'uuid'>;

/** The same document; where a text is longer: its beginning, `<field>_characters`, and the whole in `<field>_file`. */
export async function shorten(
  document: ResultDocument,
  directory: string,
  deps: SaveDeps,
): Promise<ResultDocument> {
  const short = { ...document };
  for (const [field, name] of [
    ['text', 'answer'],
    ['reasoning', 'reasoning'],
  ] as const) {
    const text = document[field];
    if (typeof text !== 'string' || text.length <= MOST) continue;
    const path = await save(text, name, directory, deps);
    if (path === null) continue;
    short[field] = beginning(text);
    short[`${field}_file`] = path;
    short[`${field}_characters`] = text.length;
  }
  return short;
}

/** null where it cannot be saved: then the text stays in the result, however long it is. */
async function save(
  text: string,
  name: string,
  directory: string,
  { files, path: paths, uuid }: SaveDeps,
): Promise<string | null> {
  const mark = uuid().replaceAll('-', '').slice(-8);
  const path = paths.join(directory, `alltoken-${name}-${mark}.txt`);
  try {
    const writer = await files.openToWrite(path, 'new', 0o666);
    try {
      await writer.write(Buffer.from(text));
      await writer.sync();
    } finally {
      await writer.close();
    }
    return path;
  } catch {
    return null;
  }
}

/** Not through the middle of a character. */
function beginning(text: string): string {
  const cut = text.slice(0, MOST);
  return /[\ud800-\udbff]$/.test(cut) ? cut.slice(0, -1) : cut;
}
