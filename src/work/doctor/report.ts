/** The file of a live check: reserved before anything is bought, written at the end. It overwrites nothing, and has neither a key nor the path of the home in it. */
import type { Deps } from '../../base/deps.ts';
import { inPlainWords } from '../../base/errno.ts';
import { CliError, systemErrorCode } from '../../base/errors.ts';
import type { Places } from '../../config/places.ts';

export interface ReportFile {
  /** Absolute. */
  path: string;
  /** null, or why it is not written. */
  write(document: unknown): Promise<string | null>;
}

type ReportDeps = Pick<Deps, 'files' | 'path' | 'clock' | 'workingDirectory' | 'homeDirectory'>;

/** `wanted`: as a flag names it; null: a new file beside the ledger. Throws `CliError` local_io when the file cannot be made, also because it is there. */
export async function reserveReport(
  wanted: string | null,
  gatewayId: string,
  { ledger }: Pick<Places, 'ledger'>,
  deps: ReportDeps,
): Promise<ReportFile> {
  const { files } = deps;
  const { dirname, join, resolve } = deps.path;
  const at = new Date(deps.clock.now()).toISOString().replace(/[:.]/g, '-');
  const directory = join(dirname(ledger), 'reports');
  const own = join(directory, `doctor-${gatewayId}-${at}`);
  let path = wanted === null ? `${own}.json` : resolve(deps.workingDirectory, wanted);
  try {
    if (wanted === null) await files.makeDirectory(directory);
    for (let count = 2; wanted === null && count < 100 && (await files.isTaken(path)); count += 1)
      path = `${own}-${count}.json`;
    const file = await files.openToWrite(path, 'new', 0o600);
    await file.close();
  } catch (error) {
    const code = systemErrorCode(error);
    const why = code === 'EEXIST' ? 'it is there already' : inPlainWords(error);
    throw new CliError('local_io', `the report ${path} cannot be written: ${why}`, {
      code: code ?? undefined,
      billed: 'no',
      next: { do: 'set-flag', flag: '--report', why: 'choose another name' },
      cause: error,
    });
  }
  return {
    path,
    async write(document) {
      try {
        const text = JSON.stringify(document, null, 2);
        // The path of a home has the name of a person in it.
        const home = JSON.stringify(deps.homeDirectory).slice(1, -1);
        await files.replace(path, `${home.length > 1 ? text.replaceAll(home, '~') : text}\n`);
        return null;
      } catch (error) {
        return `the report ${path} is not written: ${inPlainWords(error)}`;
      }
    },
  };
}
