/** `alltoken mcp install`: one entry in the file of each host, or by its own command. All is looked at before anything is written. */
import type { Deps } from '../../../base/deps.ts';
import { inPlainWords } from '../../../base/errno.ts';
import { CliError, EXIT_OK, systemErrorCode } from '../../../base/errors.ts';
import { withoutFullStop } from '../../../base/json.ts';
import { type NextStep, runStep } from '../../../base/next-step.ts';
import { loadSettings } from '../../../config/settings.ts';
import type { Context } from '../../../flags/context.ts';
import type { OutputEvent } from '../../../schemas/events.ts';
import type { McpInstallDocument } from '../../../schemas/mcp-install.ts';
import { editText, shownEntry } from './edit.ts';
import type { Edited } from './edited.ts';
import { hosts, type McpHost, mcpHosts, type Server } from './hosts.ts';
import { isOnPath } from './on-path.ts';
import type { InstallFlags } from './options.ts';

type Installed = McpInstallDocument['installed'][number];

interface Planned extends Installed {
  host: McpHost;
  /** To write; null where nothing has to be, or the host's command does it. */
  text: string | null;
}

/** A host's own command has this long. */
const COMMAND_MS = 60_000;

const MOST_BYTES = 4 * 1024 * 1024;

/** `words`: what the server is started with, behind `--`. */
export async function* installMcp(
  words: readonly string[],
  flags: InstallFlags,
  context: Context,
): AsyncGenerator<OutputEvent, void, undefined> {
  const { deps } = context;
  const names = [...new Set(flags.host ?? [])];
  if (names.length === 0)
    throw new CliError('usage', `name a host: ${mcpHosts.join(', ')}`, {
      code: 'no_host',
      next: runStep(['mcp', 'install', '--host', 'claude']),
    });
  const server = await serverOf(words, context);
  const planned: Planned[] = [];
  for (const name of names) planned.push(await plan(name, server, words, flags, deps));
  if (flags.print !== true)
    for (const one of planned) {
      deps.signal.throwIfAborted();
      await carryOut(one, deps);
    }
  const notes = names.flatMap((name) =>
    hosts[name].notes.map((note) => `${hosts[name].label}: ${note}`),
  );
  for (const message of notes) yield { type: 'status', message };
  const document: McpInstallDocument = {
    schema: 'alltoken.mcp-install.v1',
    ok: true,
    exit: EXIT_OK,
    command: 'mcp install',
    version: deps.version,
    installed: planned.map(({ text: _text, ...one }) => one),
    notes,
  };
  yield { type: 'output', content: contentOf(planned, flags), document };
}

function contentOf(planned: readonly Planned[], { print }: InstallFlags) {
  if (print)
    return {
      text: planned.map(({ host, ...one }) => `${whereOf(host, one)}\n\n${one.entry}`).join('\n'),
    };
  return {
    table: {
      head: ['action', 'host', 'file'],
      rows: planned.map(({ action, host, file, command }) => [
        action,
        host,
        file ?? command?.slice(0, 3).join(' ') ?? '',
      ]),
    },
  };
}

function whereOf(host: McpHost, { file, command }: Pick<Installed, 'file' | 'command'>): string {
  const { label } = hosts[host];
  return command === null
    ? `# ${label}: ${file}`
    : `# ${label}, by its own command: ${command.slice(0, 3).join(' ')}`;
}

/** The words are read as the server itself reads them. Throws `CliError` usage for those that it would refuse. */
async function serverOf(words: readonly string[], context: Context): Promise<Server> {
  const { deps } = context;
  const command = await context.declare('mcp');
  const { operands = [], unknown = [] } = parsed(() => command?.parseOptions([...words])) ?? {};
  const [stray] = [...operands, ...unknown];
  if (stray !== undefined) throw badFlag(`alltoken mcp takes no ${JSON.stringify(stray)}`);
  const { gateway: id, baseUrl } = command?.opts<{ gateway?: string; baseUrl?: string }>() ?? {};
  const given = {
    ...(id !== undefined && { gateway: id }),
    ...(baseUrl !== undefined && { baseUrl }),
  };
  const { gateway } = await loadSettings(deps, given);
  const args = ['mcp', ...words];
  const { keyVariable } = gateway;
  return (await isOnPath('alltoken', deps))
    ? { command: 'alltoken', args, keyVariable }
    : { command: 'npx', args: ['-y', 'alltoken-cli', ...args], keyVariable };
}

/** A value that the server would refuse is the person's mistake, not ours. */
function parsed<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof Error && systemErrorCode(error)?.startsWith('commander.'))) throw error;
    throw badFlag(withoutFullStop(error.message.replace(/^error: /, '')));
  }
}

function badFlag(message: string): CliError {
  return new CliError('usage', message, {
    code: 'bad_server_flag',
    next: runStep(['mcp', '--help']),
  });
}

/** Throws `CliError` usage or local_io where the entry cannot be put in. */
async function plan(
  name: McpHost,
  server: Server,
  words: readonly string[],
  { scope, print, force }: InstallFlags,
  deps: Deps,
): Promise<Planned> {
  const host = hosts[name];
  const file = host.file(scope === 'project' ? 'project' : 'user', deps);
  if (file === null)
    throw new CliError('usage', `${host.label} has no file of a project`, {
      code: 'no_project_file',
      next: { do: 'leave-out', flag: '--scope' },
    });
  const entry = host.entry(server);
  const common = {
    host: name,
    scope: scope === 'project' ? 'project' : 'user',
    entry: await shownEntry(host, entry),
  } as const;
  const { command } = host;
  const isByCommand =
    scope !== 'project' && command !== undefined && (await isOnPath(command.program, deps));
  const argv = isByCommand ? [...command.argv(entry)] : null;
  const where = { file: argv === null ? file : null, command: argv };
  if (print) return { ...common, ...where, action: 'printed', text: null };
  const edited = await editText(
    await readText(file, again(name, scope, '--print', words), deps),
    host,
    entry,
    force === true,
  );
  if (edited.is === 'same') return { ...common, ...where, file, action: 'unchanged', text: null };
  if (edited.is !== 'changed')
    throw inTheWay(file, edited, (flag) => again(name, scope, flag, words));
  // The host's own command refuses a name that is taken; its file can be changed.
  const action = edited.replaced ? 'updated' : 'installed';
  return edited.replaced || argv === null
    ? { ...common, file, command: null, action, text: edited.text }
    : { ...common, ...where, action, text: null };
}

function inTheWay(
  file: string,
  edited: Exclude<Edited, { is: 'same' } | { is: 'changed' }>,
  withFlag: (flag: string) => NextStep,
): CliError {
  if (edited.is === 'taken')
    return new CliError(
      'local_io',
      `${file} has another server named alltoken; nothing was written`,
      {
        code: 'changed',
        billed: 'no',
        next: [
          { ...withFlag('--print'), why: 'compare it' },
          { ...withFlag('--force'), why: 'replace it' },
        ],
      },
    );
  return new CliError('local_io', `cannot change ${file}: ${edited.why}; nothing was written`, {
    code: 'not_editable',
    billed: 'no',
    next: { ...withFlag('--print'), why: 'put the entry in by hand' },
  });
}

/** The same command line with one flag more. */
function again(
  name: McpHost,
  scope: InstallFlags['scope'],
  flag: string,
  words: readonly string[],
): NextStep {
  const where = scope === 'project' ? ['--scope', 'project'] : [];
  const server = words.length === 0 ? [] : ['--', ...words];
  return runStep(['mcp', 'install', '--host', name, ...where, flag, ...server]);
}

async function readText(file: string, print: NextStep, deps: Deps): Promise<string> {
  try {
    if ((await deps.files.status(file)) === null) return '';
    const bytes = await deps.files.read(file, MOST_BYTES);
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    throw failed('read', file, error, print);
  }
}

async function carryOut({ file, command, text, action }: Planned, deps: Deps): Promise<void> {
  if (text !== null && file !== null) {
    try {
      await deps.files.makeDirectory(deps.path.dirname(file));
      await deps.files.replace(file, text, { shared: true });
    } catch (error) {
      throw failed('write', file, error, {
        do: 'retry',
        first: 'check the permissions',
        free: true,
      });
    }
  } else if (command !== null && action !== 'unchanged') {
    const { exitCode } = await deps.runCommand(command, COMMAND_MS);
    if (exitCode !== EXIT_OK)
      throw new CliError('local_io', `${command.slice(0, 3).join(' ')} failed`, {
        code: 'host_command',
        billed: 'no',
        next: { do: 'run', argv: command, why: 'see why', for: 'user' },
      });
  }
}

function failed(what: 'read' | 'write', file: string, error: unknown, next: NextStep): CliError {
  const code = systemErrorCode(error);
  const isText = code !== 'ERR_ENCODING_INVALID_ENCODED_DATA';
  const why = isText ? inPlainWords(error) : 'it is not UTF-8';
  return new CliError('local_io', `cannot ${what} ${file}: ${why}`, {
    code: isText ? code : 'not_editable',
    billed: 'no',
    next: what === 'read' ? { ...next, why: 'put the entry in by hand' } : next,
    cause: error,
  });
}
