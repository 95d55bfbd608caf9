/** The life of one server: where it saves, which gateway it starts, and its end. What it says to a person goes to stderr; stdout is the protocol's. */
import type { Deps } from '../../base/deps.ts';
import { CliError, systemErrorCode } from '../../base/errors.ts';
import { runStep } from '../../base/next-step.ts';
import { loadSettings } from '../../config/settings.ts';
import { tagsOf } from '../../config/tags.ts';
import type { Context } from '../../flags/context.ts';
import type { OutputEvent } from '../../schemas/events.ts';
import { resolvePath } from '../../work/input/paths.ts';
import { openGateway } from '../../work/open-gateway.ts';
import type { McpFlags } from './options.ts';
import { Orders } from './orders.ts';
import type { Serving } from './serving.ts';

const startedByHand = `a host starts this and speaks JSON over it; nothing is to be typed here. Its config, as most hosts have it: ${JSON.stringify({ mcpServers: { alltoken: { command: 'alltoken', args: ['mcp'] } } })}`;

/** Throws `CliError` usage, no_key or local_io before it serves, and the signal that ended it. */
export async function* runMcp(
  flags: McpFlags,
  context: Context,
): AsyncGenerator<OutputEvent, void, undefined> {
  const { deps } = context;
  tagsOf(flags, deps);
  const { gateway, notes, timeouts } = await loadSettings(deps, flags);
  for (const message of notes) yield { type: 'warning', message };
  const directory = await outputDirectory(flags, deps);
  if (deps.stdin.isTerminal) yield { type: 'status', message: startedByHand };
  // An embedded gateway lives as long as we do, or a video would be gone with the call that ordered it.
  const opened = await openGateway(gateway, { lasts: true }, deps);
  const { baseUrl } = opened.gateway;
  const own = baseUrl === gateway.baseUrl ? null : { gateway: gateway.id, baseUrl };
  try {
    const claims: Serving['claims'] = new Set();
    const orders = new Orders();
    const serving: Serving = { context, flags, timeouts, directory, own, claims, orders };
    await (await import('./server.ts')).serve(serving);
  } finally {
    await opened.close();
  }
  if (deps.signal.aborted) throw deps.signal.reason;
}

/** The absolute path of a directory that is there. */
async function outputDirectory({ out }: McpFlags, deps: Deps): Promise<string> {
  const directory = out === undefined ? usualDirectory(deps) : resolvePath(out, deps);
  try {
    const found = await deps.files.status(directory);
    if (found === null) await deps.files.makeDirectory(directory);
    else if (!found.isDirectory)
      throw Object.assign(new Error('is not a directory'), { code: 'ENOTDIR' });
  } catch (error) {
    const code = systemErrorCode(error) ?? 'bad_directory';
    throw new CliError('local_io', `${directory} is not a directory for saving files: ${code}`, {
      code,
      billed: 'no',
      cause: error,
      next: runStep(['mcp', '-o'], '<directory>'),
    });
  }
  return directory;
}

/**
 * The working directory. Some hosts start a server at the root of the disk or in the home directory, and tools may name
 * any file below it: there it is a folder of its own in the home directory.
 */
function usualDirectory({ workingDirectory, homeDirectory, path }: Deps): string {
  const { dirname, join, isAbsolute } = path;
  const isWide = dirname(workingDirectory) === workingDirectory;
  if (!isWide && workingDirectory !== homeDirectory) return workingDirectory;
  if (isAbsolute(homeDirectory)) return join(homeDirectory, 'alltoken');
  throw new CliError('usage', `${workingDirectory} is not a directory for saving files`, {
    code: 'bad_directory',
    next: runStep(['mcp', '-o'], '<directory>'),
  });
}
