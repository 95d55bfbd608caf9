/** `npm install` in a project, run or only shown. It decides nothing about the project. */
import type { Deps } from '../../base/deps.ts';
import { CliError } from '../../base/errors.ts';
import { oneLine } from '../../base/json.ts';
import type { NextStep } from '../../base/next-step.ts';

type InstallDeps = Pick<Deps, 'platform' | 'runCommand'>;

const TIMEOUT_MS = 10 * 60_000;
/** What a shell says of a program that is not there. */
const NO_PROGRAM = 127;

/** null: all is installed. The project itself is there in any case. */
export async function installPackages(
  directory: string,
  deps: InstallDeps,
): Promise<CliError | null> {
  const { exitCode, stdout, stderr } = await deps.runCommand(npm(directory, deps), TIMEOUT_MS);
  if (exitCode === 0) return null;
  const next: NextStep = { do: 'run', argv: ['npm', 'install', '--prefix', directory] };
  const isMissing = exitCode === null || exitCode === NO_PROGRAM;
  const why = isMissing ? 'npm was not found, or did not end' : lastWords(`${stdout}\n${stderr}`);
  return new CliError('local_io', `npm install failed, the project is there: ${why}`, {
    code: isMissing ? 'no_npm' : 'install_failed',
    billed: 'no',
    next,
  });
}

/** On Windows npm is a batch file, which only a shell runs; no name of a file there has a quotation mark in it. */
function npm(directory: string, { platform }: InstallDeps): string | readonly string[] {
  const words = ['install', '--no-audit', '--no-fund', '--prefix'];
  return platform === 'win32'
    ? `npm ${words.join(' ')} "${directory}"`
    : ['npm', ...words, directory];
}

/** npm's own account of a failure: its lines that begin with `npm error`, but for those that name its log. */
function lastWords(output: string): string {
  const lines = output
    .split('\n')
    .flatMap((line) => /^npm (?:error|ERR!) (.+)$/.exec(line)?.[1] ?? []);
  return oneLine(lines.slice(0, 3).join(' ')) || 'it said nothing';
}
