/** The flags of `chat`. It knows no file, gateway or network. */
import { askFlags } from '../../flags/ask-flags.ts';
import { eventOutputFlags, gatewayFlags } from '../../flags/common-flags.ts';
import { flag, flagGroup } from '../../flags/declare-flags.ts';
import {
  commaList,
  numberBetween,
  variableReader,
  wholeNumber,
  wholeNumberBetween,
} from '../../flags/flag-values.ts';
import { moneyFlags } from '../../flags/money-flags.ts';
import { builtInToolNames, toolApprovals } from '../../schemas/choices.ts';

const answerFlags = flagGroup(
  'Answer:',
  flag('-m, --model <id>', 'the model, an alias from the config, or auto:cheap|fast|code|best', {
    names: 'model',
  }),
  askFlags.system,
  flag('-t, --template <name>', 'begin with templates/<name>.json in the config directory', {
    names: 'template',
  }),
  flag('--var <name=text>', 'what stands for {{name}} in the template', {
    names: 'text',
    read: variableReader,
    repeatable: true,
  }),
  flag('-f, --file <path>', 'attach a text file, an image, or the URL of an image; - is stdin', {
    names: 'file or address',
    dash: 'standard input',
    repeatable: true,
  }),
  askFlags.temperature,
  flag('--top-p <number>', 'nucleus sampling, 0 to 1', {
    read: numberBetween(0, 1),
  }),
  flag('--max-tokens <count>', 'end the answer after this many tokens', { read: wholeNumber(1) }),
  flag('--stop <text>', 'end the answer before this text', { names: 'text', repeatable: true }),
  flag('--seed <number>', 'seed for a reproducible answer; not supported by every model', {
    read: wholeNumber(Number.MIN_SAFE_INTEGER),
  }),
  flag('--thinking [tokens]', 'let the model think first, with at most this many tokens if given', {
    read: wholeNumber(1),
    // `--thinking why is it blue` must not lose its first word.
    shape: /^\d+$/,
  }),
  flag('--search', 'let the model search the web (DeepSeek and Qwen on AllToken)'),
  flag('--force', 'send --search also to a model that is known to ignore or refuse it'),
  askFlags.jsonObject,
  askFlags.schema,
  askFlags.param,
  flag('--no-stream', 'get the answer in one response; its cost is then an estimate at best'),
  flag('--fallback <ids>', 'models to try in turn when the gateway cannot serve the first: a,b', {
    names: 'models',
    read: commaList,
  }),
  askFlags.out,
  askFlags.markdown,
  askFlags.noMarkdown,
  askFlags.strict,
);

const toolFlags = flagGroup(
  'Tools:',
  flag('--tool <name>', 'a built-in tool that the model may call', {
    names: 'tool',
    choices: builtInToolNames,
    repeatable: true,
  }),
  flag('--mcp <name>', 'the tools of an MCP server of the config (mcp.servers.<name>)', {
    names: 'mcp server',
    repeatable: true,
    callerOnly: true,
  }),
  flag(
    '--tools-approve <how>',
    'who allows tools that buy or come from a server: ask, auto (nobody is asked), deny',
    { choices: toolApprovals, usual: 'ask on a terminal', callerOnly: true },
  ),
  flag('--max-steps <count>', 'end after this many requests to the model', {
    read: wholeNumberBetween(1, 100),
    usual: '5',
  }),
);

const conversationFlags = flagGroup(
  'Conversation:',
  flag('-i, --interactive', 'a conversation at this terminal, the prompt as its first message', {
    conflicts: ['json', 'jsonl', 'dryRun'],
  }),
  flag('-c, --continue', 'continue the newest conversation'),
  flag('--session <name>', 'save the conversation under this name, or continue it', {
    names: 'session',
  }),
  flag('--no-save', 'do not save this conversation'),
  flag('--no-stdin', 'do not read standard input'),
);

export const chatFlags = [
  answerFlags,
  toolFlags,
  conversationFlags,
  moneyFlags,
  gatewayFlags,
  eventOutputFlags,
] as const;
