/** The messages that were sent, over all conversations of this machine: one JSON string a line, the oldest first. It is a convenience: what cannot be read or written is not there. */
import type { Deps } from '../../base/deps.ts';
import { redact } from '../../base/redact.ts';

const MAX_ENTRIES = 500;
/** UTF-16 units; a longer message is remembered until the end of the process. */
const MAX_ENTRY = 16 * 1024;
const MAX_BYTES = 16 * 1024 * 1024;

type HistoryDeps = Pick<Deps, 'files' | 'path'>;

export class History {
  /** The newest first. */
  readonly entries: string[] = [];
  private readonly file: string | null;
  private readonly deps: HistoryDeps;

  /** `file`: null where nothing is read and nothing kept. */
  constructor(file: string | null, deps: HistoryDeps) {
    this.file = file;
    this.deps = deps;
  }

  async load(): Promise<void> {
    if (this.file === null) return;
    const { lines, isCut } = await this.lines(this.file);
    const entries = lines.flatMap((line) => entryOf(line)).slice(-MAX_ENTRIES);
    this.entries.push(...entries.reverse());
    if (isCut || lines.length > 2 * MAX_ENTRIES) await this.shorten(this.file);
  }

  async add(text: string): Promise<void> {
    if (this.entries[0] === text) return;
    this.entries.unshift(text);
    this.entries.splice(MAX_ENTRIES);
    if (this.file === null || text.length > MAX_ENTRY) return;
    const { files, path } = this.deps;
    const line = JSON.stringify(redact(text, null));
    await files
      .makeDirectory(path.dirname(this.file))
      .then(() => files.appendLine(this.file ?? '', line))
      .catch(() => {});
  }

  /** The end of the file, where the newest are. `isCut`: there is more before it. */
  private async lines(file: string): Promise<{ lines: string[]; isCut: boolean }> {
    try {
      const reader = await this.deps.files.openToRead(file);
      try {
        const from = Math.max(0, reader.size - MAX_BYTES);
        const text = new TextDecoder().decode(reader.read(from, reader.size - from));
        const isCut = from > 0;
        const lines = text.split('\n').slice(isCut ? 1 : 0);
        return { lines: lines.filter((line) => line !== ''), isCut };
      } finally {
        await reader.close();
      }
    } catch {
      return { lines: [], isCut: false };
    }
  }

  private async shorten(file: string): Promise<void> {
    const lines = [...this.entries].reverse().map((text) => `${JSON.stringify(text)}\n`);
    await this.deps.files.replace(file, lines.join(''), { durable: false }).catch(() => {});
  }
}

/** [] for a line that is torn, or of somebody else. */
function entryOf(line: string): string[] {
  try {
    const entry: unknown = JSON.parse(line);
    return typeof entry === 'string' && entry !== '' ? [entry] : [];
  } catch {
    return [];
  }
}
