/** `alltoken mcp`: its flags and its help. The server is `run.ts`. */
import { InvalidArgumentError } from 'commander';
import { addGatewayFlags } from '../../flags/common-flags.ts';
import type { RegisterCommand } from '../../flags/context.ts';
import { addHelp, type Example } from '../../flags/help-text.ts';
import { addMoneyFlags } from '../../flags/money-flags.ts';
import type { McpFlags } from './serving.ts';

/** Most hosts give a call up after a minute. */
const USUAL_CALL_SECONDS = 50;

const examples: readonly Example[] = [
  ['claude mcp add alltoken -- alltoken mcp', 'adds it to Claude Code'],
  ['alltoken mcp -o ~/pictures', 'where files are saved'],
  ['alltoken mcp -g sandbox', 'no key, no charge, no model'],
];

const closing =
  'A host starts it and speaks the Model Context Protocol over standard input and output; it ends with its input. The key comes from the environment that the host gives it. The flags about the gateway and about money hold for every call, and the budgets of the config, too. --max-cost refuses each call whose cost nobody can tell before: every picture, and some videos; a budget per day lets them through, and counts what the gateway says that they cost: alltoken config set budget.day 5. Tools: alltoken_chat, alltoken_search, alltoken_image, alltoken_image_fetch, alltoken_video_submit, alltoken_video_status, alltoken_video_fetch, alltoken_models, alltoken_cost; their inputs: alltoken schema mcp';

export const registerMcp: RegisterCommand = (program, context) => {
  const command = program
    .command('mcp')
    .description('Serve chat, search, pictures, videos, models and costs as tools over MCP.')
    .usage('[options]');
  command
    .optionsGroup('Files:')
    .option('-o, --out <path>', 'the directory to save files in (default: the working directory)')
    .option('--allow-paths', 'let calls name files outside that directory');
  command
    .optionsGroup('Calls:')
    .option(
      '--call-timeout <seconds>',
      'the longest that a call may take, 5 to 3600',
      callSeconds,
      USUAL_CALL_SECONDS,
    );
  addGatewayFlags(addMoneyFlags(command))
    .optionsGroup('Output:')
    .option('-q, --quiet', 'nothing on stderr but errors');
  addHelp(command, examples, closing).action(async (flags: McpFlags) => {
    await context.execute('mcp', { color: true, ...quiet(flags) }, async function* () {
      const { runMcp } = await import('./run.ts');
      yield* runMcp(flags, context);
    });
  });
};

function quiet({ quiet: isQuiet }: McpFlags): { quiet?: boolean } {
  return isQuiet ? { quiet: true } : {};
}

function callSeconds(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= 5) || value > 3600)
    throw new InvalidArgumentError('Expected seconds, from 5 to 3600.');
  return value;
}
