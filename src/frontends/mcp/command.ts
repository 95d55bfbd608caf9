/** `alltoken mcp`: its help and its action. The server is `run.ts`. */
import type { Command } from 'commander';
import type { Context, RegisterCommand } from '../../flags/context.ts';
import { takeFlags } from '../../flags/declare-flags.ts';
import { addHelp, type Example } from '../../flags/help-text.ts';
import { installFlags } from './install/options.ts';
import { mcpFlags } from './options.ts';

const examples: readonly Example[] = [
  ['alltoken mcp install --host claude', 'adds it to Claude Code'],
  ['alltoken mcp -o ~/images', 'where files are saved'],
  ['alltoken mcp -g sandbox', 'no key, no charge, no model'],
];

const closing =
  'alltoken mcp install adds it to a host. A host starts it and speaks the Model Context Protocol over standard input and output; it ends with its input, once what it has read is answered. The key comes from the environment that the host gives it. The flags about the gateway and about money hold for every call, and the budgets of the config, too. --max-cost refuses each call whose cost is not known in advance: every image, and some videos; a budget per day allows them and counts the cost that the gateway reports: alltoken config set budget.day 5. Tools: alltoken_chat, alltoken_search, alltoken_image, alltoken_image_fetch, alltoken_video_submit, alltoken_video_status, alltoken_video_fetch, alltoken_jobs, alltoken_models, alltoken_cost; their inputs: alltoken schema mcp';

export const registerMcp: RegisterCommand = (program, context) => {
  const command = program
    .command('mcp')
    .description('Serve chat, search, images, videos, models and costs as tools over MCP.')
    .usage('[options]');
  addInstall(command, context);
  takeFlags(addHelp(command, examples, closing), mcpFlags, async (flags) => {
    const shown = { color: true, ...(flags.quiet ? { quiet: true } : {}) };
    await context.execute('mcp', shown, async function* () {
      const { runMcp } = await import('./run.ts');
      yield* runMcp(flags, context);
    });
  });
};

const installExamples: readonly Example[] = [
  ['alltoken mcp install --host codex', 'into ~/.codex/config.toml, with the key passed by name'],
  ['alltoken mcp install --host cursor --scope project', 'for this project'],
  ['alltoken mcp install --host gemini --print', 'shows the entry'],
  ['alltoken mcp install --host opencode -- --tag mcp -o ~/images', 'flags of the server'],
];

function addInstall(mcp: Command, context: Context): void {
  const command = mcp
    .command('install')
    .helpCommand(false)
    .summary('add it to a host')
    .description(
      "Add the server to a host: by the host's own command if it has one that is installed, else by one entry in its file, of which all else stays as it is. A key is passed by the name of its variable, never written.",
    )
    .argument('[flags...]', 'flags of the server, after --');
  addHelp(
    command,
    installExamples,
    'An entry that is different is never replaced without --force.',
  );
  takeFlags(command, installFlags, async (flags, words: string[]) => {
    await context.execute('mcp install', flags, async function* () {
      const { installMcp } = await import('./install/install.ts');
      yield* installMcp(words, flags, context);
    });
  });
}
