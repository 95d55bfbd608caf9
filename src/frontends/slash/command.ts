/** `alltoken slash`: its flags and its help. What it does is `run.ts`. */
import { eventOutputFlags, gatewayFlags } from '../../flags/common-flags.ts';
import type { RegisterCommand } from '../../flags/context.ts';
import { flag, flagGroup, takeFlags } from '../../flags/declare-flags.ts';
import { addHelp, type Example } from '../../flags/help-text.ts';
import { waitSeconds } from '../../flags/job-flags.ts';
import { moneyFlags } from '../../flags/money-flags.ts';

const examples: readonly Example[] = [
  'alltoken slash "/alltoken-chat gpt-5.4-mini Why is the sky blue?"',
  'alltoken slash "/alltoken-image a cat in a hat --size=1536x1024 --out=cat.png"',
  'alltoken slash --explain "draw with alltoken a lighthouse"',
  'alltoken slash --max-cost 0.05 - <message.txt',
  ['alltoken slash -g sandbox "/alltoken-chat hello"', 'no key, no charge, no model'],
];

const closing =
  'One of the six commands is found anywhere in the message, by its name (/alltoken-image, alltoken image) or by one of these: ask alltoken with model <id>, generate an image via alltoken, draw with alltoken, make a video on alltoken, use alltoken web search, find with alltoken, what alltoken models are available, how much did that cost. What follows is its text, and its flags as separate words: --size=1024x1024. Chat and search take flags right after the command or, in the long form, at the very end; in between, they are text. All else is literal: no shell, no expansion, no @file. Quoted text (quotes, backticks, lines after >) is never a flag or a command; -- right after the command ends the flags. The flags above are for whoever runs this: a message cannot change them, and files that it names must be in the working directory. --json and --jsonl print the output of the command that is run: alltoken schema chat --jsonl. No command or two commands exit with 2, and so does a command that buys after words such as never, what or did in the same sentence.';

const slashFlags = [
  flagGroup(
    'Message:',
    flag('--explain', 'print what would run, as JSON; run nothing'),
    flag('--allow-paths', 'let the message name files outside the working directory'),
  ),
  flagGroup(
    'Job:',
    flag('--async', 'image, video: print the id of the task and do not wait', {
      conflicts: ['wait'],
    }),
    flag('--wait <seconds>', 'image, video: wait at most this long, then exit 45', {
      read: waitSeconds,
    }),
  ),
  moneyFlags,
  gatewayFlags,
  eventOutputFlags,
] as const;

export const registerSlash: RegisterCommand = (program, context) => {
  const command = program
    .command('slash')
    .description(
      'Run a command found in a chat message, with flags and text parsed by its own rules.',
    )
    .argument('[message...]', 'the whole message, in one argument; - reads standard input')
    .usage('[options] [message]');
  takeFlags(addHelp(command, examples, closing), slashFlags, async (flags, words: string[]) => {
    const { runSlash } = await import('./run.ts');
    await runSlash(words, flags, command, context);
  });
};
