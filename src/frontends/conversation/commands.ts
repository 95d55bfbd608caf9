/** The commands of a conversation. Each does one thing, or throws a `CliError` and changes nothing. */

import type { ToolLine } from '../../agent/chat/chat-tools.ts';
import { namesDirectory } from '../../base/directory-path.ts';
import { inPlainWords } from '../../base/errno.ts';
import { CliError, systemErrorCode } from '../../base/errors.ts';
import { oneLine, shorten } from '../../base/json.ts';
import { nearOrAll, say } from '../../base/next-step.ts';
import { wrapWords } from '../../base/wrap-words.ts';
import { nearest } from '../../config/nearest.ts';
import { formatCost } from '../../money/amount.ts';
import { totalWords } from '../../money/total-cost.ts';
import { checkSessionName, type Turn } from '../../work/ask/conversations.ts';
import { whichConversation } from '../../work/ask/which-conversation.ts';
import { mcpServerNames } from '../../work/known-names.ts';
import { exportedMessages, markdownText } from '../../work/sessions/export.ts';
import { chosenModel } from './chosen-model.ts';
import {
  type CommandName,
  commandNames,
  helpOn,
  helpText,
  isCommandName,
  takesNothing,
} from './command-names.ts';
import type { Conversation } from './conversation.ts';
import type { Prompter } from './prompter.ts';

/** Terminals take about so many bytes of base64 to the clipboard. */
const MAX_COPY = 74_000;

/** Text for the next line, 'quit', or nothing. */
type Next = string | undefined;
type Command = (
  argument: string,
  conversation: Conversation,
  prompter: Prompter,
) => Promise<Next | number | null>;

/** Runs the line. Resolves to 'quit', or the text that the next line begins with. Throws `CliError`. */
export async function runCommand(
  line: string,
  conversation: Conversation,
  prompter: Prompter,
): Promise<string> {
  const [, word = '', argument = ''] = /^\/(\S*)\s*([\s\S]*)$/.exec(line) ?? [];
  const typed = word.toLowerCase();
  const name = Object.hasOwn(otherNames, typed) ? (otherNames[typed] ?? typed) : typed;
  if (!isCommandName(name)) throw unknown(word);
  const given = argument.trim();
  if (given !== '' && takesNothing(name))
    throw usage(`/${name} takes nothing behind it; nothing was done`, {
      code: 'bad_arguments',
      next: say(`/help ${name}`),
    });
  const next = await commands[name](given, conversation, prompter);
  return typeof next === 'string' ? next : '';
}

/** As other programs call it. */
const otherNames: Readonly<Record<string, CommandName>> = { exit: 'quit', bye: 'quit', q: 'quit' };

function unknown(word: string): CliError {
  const near = nearest(
    `/${word}`,
    commandNames.map((name) => `/${name}`),
  );
  return usage(`there is no command /${shorten(oneLine(word), 40)}; nothing was sent`, {
    code: 'unknown_command',
    next: [
      ...(near === null ? [] : [{ do: 'did-you-mean' as const, values: [near] }]),
      say('/help, or // for a message that begins with /'),
    ],
  });
}

function usage(message: string, details: ConstructorParameters<typeof CliError>[2]): CliError {
  return new CliError('usage', message, details);
}

function needed(name: CommandName, what: string): CliError {
  return usage(`/${name} needs ${what}`, { code: 'no_argument', next: say(`/help ${name}`) });
}

/** A flag among the words: it would be sent as text, and paid for. Words behind `--` are text. */
const flag = /(?<!\S)(?:-[a-z]|--[a-z][\w-]*)(?=[\s=]|$)/i;

/** The text without its `--`. Throws where a flag is in it. */
function withoutFlags(text: string, name: CommandName): string {
  const [, literal] = /^--\s+([\s\S]*)$/.exec(text) ?? [];
  if (literal !== undefined) return literal;
  const found = flag.exec(text)?.[0] ?? (text.startsWith('-') ? text.split(/\s/)[0] : undefined);
  if (found === undefined) return text;
  throw usage(`/${name} has no flag ${shorten(oneLine(found), 40)}; nothing was sent`, {
    code: 'bad_flag',
    next: say(`/help ${name}, or /${name} -- before text with it`),
  });
}

const commands: Readonly<Record<CommandName, Command>> = {
  async help(topic, conversation) {
    const columns = conversation.deps.stdout.columns ?? 80;
    const name = topic.replace(/^\//, '').toLowerCase();
    if (name === '') return conversation.print(helpText(columns));
    if (name !== 'keys' && !isCommandName(name)) throw unknown(name);
    return conversation.print(helpOn(name, columns));
  },

  async model(id, conversation) {
    if (id === '') {
      const { model, label } = await chosenModel(conversation);
      return conversation.note(`${model ?? 'no model'} on ${label}`);
    }
    if (/\s/.test(id))
      throw usage(`/model ${oneLine(id)}: an id has no white space`, { code: 'bad_model' });
    if (id.startsWith('-'))
      throw usage(`/model ${oneLine(id)}: an id does not begin with -`, { code: 'bad_model' });
    const { gateway, baseUrl } = conversation.flags;
    const { modelNames } = await import('../../work/known-names.ts');
    const known = await modelNames({
      command: 'chat',
      deps: conversation.deps,
      ...(gateway !== undefined && { gateway }),
      ...(baseUrl !== undefined && { baseUrl }),
    });
    conversation.flags = { ...conversation.flags, model: id };
    const { model, label } = await chosenModel(conversation);
    // The list may be old, and a gateway may serve what it does not list.
    const isListed = known.includes(id) || known.length === 0 || id.startsWith('auto:');
    const near = isListed ? null : nearest(id, known);
    const doubt = isListed
      ? ''
      : `; it is not in the list${near === null ? '' : `, which has ${near}`}`;
    return conversation.note(`${model ?? id} on ${label} from here on${doubt}`);
  },

  async system(text, conversation) {
    if (text === '') {
      const { system, live } = conversation;
      const spoken = system ?? live.turns.findLast((turn) => turn.system !== null)?.system ?? '';
      return conversation.note(spoken === '' ? 'no instructions' : oneLine(spoken));
    }
    if (text === 'none') conversation.system = '';
    else if (text.startsWith('@')) {
      const { readTextFile } = await import('../../work/input/attachments.ts');
      conversation.system = await readTextFile(
        expanded(text.slice(1), conversation),
        '/system',
        conversation.deps,
      );
    } else conversation.system = text;
    const words = conversation.system === '' ? 'no instructions' : 'these instructions';
    return conversation.note(`${words} from the next message on`);
  },

  async file(path, conversation) {
    if (path === '') throw needed('file', 'a path or a URL');
    const { readAttachment } = await import('../../work/input/attachments.ts');
    const file = expanded(path, conversation);
    // Read now for the mistake to be seen now; the message reads it again.
    if (file === '-') throw needed('file', 'a path or a URL');
    await readAttachment(file, '/file', null, conversation.deps);
    conversation.files.push(file);
    const count = conversation.files.length;
    return conversation.note(
      `attached to the next message: ${count === 1 ? path : `${count} files`}`,
    );
  },

  async image(prompt, conversation) {
    const [whole = '', model] = /^(?:-m|--model)(?:=|\s+)(\S+)\s*/.exec(prompt) ?? [];
    const text = withoutFlags(prompt.slice(whole.length), 'image');
    if (text === '') throw needed('image', 'a prompt');
    const chosen = model === undefined ? [] : [`--model=${model}`];
    return conversation.run(['image', ...sharedFlags(conversation), ...chosen, '--', text]);
  },

  async search(query, conversation) {
    const text = withoutFlags(query, 'search');
    if (text === '') throw needed('search', 'a query');
    return conversation.say(text, true);
  },

  async new(_argument, conversation) {
    const { name, save, turns } = conversation.live;
    const isReplaced = name === null && save && turns.length > 0;
    await conversation.change(null);
    return conversation.note(
      isReplaced
        ? 'a new conversation; its first answer takes the place of the one before, unless that is given a name first: alltoken sessions rename last NAME'
        : 'a new conversation',
    );
  },

  async session(name, conversation) {
    if (name !== '') {
      checkSessionName(name, '/session ');
      await conversation.change(name);
      const { live, deps } = conversation;
      const { damage } = live;
      return conversation.show(async function* () {
        yield { type: 'status', message: whichConversation(live, deps.clock.now()) };
        if (damage !== null) yield { type: 'warning', message: damage };
      });
    }
    return conversation.run(['sessions', 'list']);
  },

  async tools(name, conversation) {
    const tools = await conversation.toolsHere();
    const known = await mcpServerNames(conversation.deps);
    if (name === '') return conversation.print(toolsText(tools.lines(known)));
    const isOn = await tools.toggle(name, known);
    if (isOn !== null)
      return conversation.note(`${name} is ${isOn ? 'on' : 'off'} from the next message on`);
    const all = tools.lines(known).map((line) => line.name);
    throw usage(`there is no tool ${shorten(oneLine(name), 40)}`, {
      code: 'unknown_tool',
      next: nearOrAll(nearest(name, all), all),
    });
  },

  async retry(_argument, conversation) {
    const code = await conversation.retry();
    if (code === null) throw usage('there is no message to send again', { code: 'no_message' });
    return code;
  },

  async edit(_argument, conversation, prompter) {
    const text = conversation.edit();
    if (text === null) throw usage('there is no message to change', { code: 'no_message' });
    if (prompter.canEdit) return text;
    // The text is above, and this terminal puts no text on a line.
    return conversation.note('type it again: your next message takes the place of the last one');
  },

  async save(path, conversation) {
    if (path === '' || path.startsWith('-') || namesDirectory(path))
      throw needed('save', 'the path of a file');
    const { live, deps } = conversation;
    if (live.turns.length === 0) throw usage('there is nothing to save yet', { code: 'no_turns' });
    const file = deps.path.resolve(deps.workingDirectory, expanded(path, conversation));
    const text = file.endsWith('.json') ? jsonOf(live.turns) : markdownOf(live.turns);
    try {
      const writer = await deps.files.openToWrite(file, 'new', 0o600);
      try {
        await writer.write(Buffer.from(text));
        await writer.sync();
      } finally {
        await writer.close();
      }
    } catch (error) {
      const code = systemErrorCode(error) ?? 'save_failed';
      if (code === 'EEXIST')
        throw new CliError('local_io', `${file} exists; nothing was written`, {
          code: 'output_exists',
          billed: 'no',
          next: { do: 'say', words: 'choose another name' },
        });
      const why = inPlainWords(error);
      throw new CliError('local_io', `${file} cannot be written: ${why}`, { code, billed: 'no' });
    }
    return conversation.note(`saved: ${file}`);
  },

  async copy(_argument, conversation) {
    const { live, deps } = conversation;
    const content = live.turns.at(-1)?.messages.at(-1)?.content;
    if (typeof content !== 'string')
      throw usage('there is no answer to copy', { code: 'no_answer' });
    if (deps.env.TERM === 'dumb')
      throw usage('this terminal has no clipboard (TERM=dumb)', { code: 'no_clipboard' });
    const base64 = Buffer.from(content).toString('base64');
    if (base64.length > MAX_COPY)
      throw usage('the answer is longer than a terminal takes; /save writes it to a file', {
        code: 'too_long',
      });
    await deps.stdout.write(`\u001b]52;c;${base64}\u0007`);
    return conversation.note('copied, if your terminal allows it (OSC 52)');
  },

  cost(_argument, conversation) {
    const { live, lastCall } = conversation;
    const { calls } = live;
    const total = `this conversation: ${totalWords(live.cost)} for ${calls} ${calls === 1 ? 'message' : 'messages'}`;
    const said = [total];
    if (lastCall !== null) {
      const { cost, model } = lastCall;
      const amount = cost === null ? 'unknown' : formatCost(cost);
      said.push(`last one: ${amount}${model === null ? '' : `, ${model}`}`);
    }
    const { columns = Number.POSITIVE_INFINITY } = conversation.deps.stdout;
    const lines = said.flatMap((line) => wrapWords(line, columns));
    return conversation.print(`${lines.join('\n')}\n`);
  },

  async budget(_argument, conversation) {
    const { gateway } = await chosenModel(conversation);
    const play = gateway === 'sandbox' ? ['-g', gateway] : [];
    return conversation.run(['budget', ...play]);
  },

  quit: async () => 'quit',
};

function toolsText(lines: readonly ToolLine[]): string {
  const width = Math.max(...lines.map(({ name }) => name.length));
  return lines
    .map(({ name, isOn, about }) => `${isOn ? 'on ' : 'off'}  ${name.padEnd(width)}  ${about}\n`)
    .join('');
}

function jsonOf(turns: readonly Turn[]): string {
  return `${JSON.stringify({ messages: exportedMessages(turns) }, null, 2)}\n`;
}

function markdownOf(turns: readonly Turn[]): string {
  return markdownText('Conversation', exportedMessages(turns));
}

/** `~/` as a shell has it; there is no shell here. */
function expanded(path: string, { deps }: Conversation): string {
  return path.startsWith('~/') ? deps.path.join(deps.homeDirectory, path.slice(2)) : path;
}

/** The flags of the conversation that other commands have, too. */
function sharedFlags({ flags }: Conversation): string[] {
  const {
    gateway,
    baseUrl,
    maxCost,
    hold,
    tag = [],
    timeout,
    quiet,
    verbose,
    debug,
    color,
  } = flags;
  const values = { gateway, 'base-url': baseUrl, 'max-cost': maxCost, hold, timeout };
  return [
    ...Object.entries(values).flatMap(([name, value]) =>
      value === undefined ? [] : [`--${name}=${value}`],
    ),
    ...tag.map((name) => `--tag=${name}`),
    ...(quiet ? ['--quiet'] : []),
    ...(verbose ? ['--verbose'] : []),
    ...(debug ? ['--debug'] : []),
    ...(color ? [] : ['--no-color']),
  ];
}
