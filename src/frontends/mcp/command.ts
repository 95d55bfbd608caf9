/** `alltoken mcp`: its help and its action. The server is `run.ts`. */
import type { RegisterCommand } from '../../flags/context.ts';
import { takeFlags } from '../../flags/declare-flags.ts';
import { addHelp, type Example } from '../../flags/help-text.ts';
import { mcpFlags } from './options.ts';

const examples: readonly Example[] = [
  ['claude mcp add alltoken -- alltoken mcp', 'adds it to Claude Code'],
  ['alltoken mcp -o ~/images', 'where files are saved'],
  ['alltoken mcp -g sandbox', 'no key, no charge, no model'],
];

const closing =
  'A host starts it and speaks the Model Context Protocol over standard input and output; it ends with its input. The key comes from the environment that the host gives it. The flags about the gateway and about money hold for every call, and the budgets of the config, too. --max-cost refuses each call whose cost is not known in advance: every image, and some videos; a budget per day allows them and counts the cost that the gateway reports: alltoken config set budget.day 5. Tools: alltoken_chat, alltoken_search, alltoken_image, alltoken_image_fetch, alltoken_video_submit, alltoken_video_status, alltoken_video_fetch, alltoken_jobs, alltoken_models, alltoken_cost; their inputs: alltoken schema mcp';

export const registerMcp: RegisterCommand = (program, context) => {
  const command = program
    .command('mcp')
    .description('Serve chat, search, images, videos, models and costs as tools over MCP.')
    .usage('[options]');
  takeFlags(addHelp(command, examples, closing), mcpFlags, async (flags) => {
    const shown = { color: true, ...(flags.quiet ? { quiet: true } : {}) };
    await context.execute('mcp', shown, async function* () {
      const { runMcp } = await import('./run.ts');
      yield* runMcp(flags, context);
    });
  });
};
