/** `alltoken chat` at a terminal: reads messages and commands, and answers them until the person leaves. It asks through `Conversation` and reads through a `Prompter`. */
import type { Deps, TakenTerminal } from '../../base/deps.ts';
import { EXIT_OK, exitCodes, SignalReceived } from '../../base/errors.ts';
import { keyStatus } from '../../config/key-status.ts';
import { findPlaces } from '../../config/places.ts';
import { loadSettings } from '../../config/settings.ts';
import type { AskFlags } from '../../flags/ask-flags.ts';
import type { Context } from '../../flags/context.ts';
import { checkSessionName, newestSession } from '../../work/ask/conversations.ts';
import { LiveConversation } from '../../work/ask/live-conversation.ts';
import { noSession } from '../../work/ask/no-session.ts';
import { whichConversation } from '../../work/ask/which-conversation.ts';
import { findKeyFor } from '../../work/connection.ts';
import { burstWriter } from './burst-writer.ts';
import { chosenModel } from './chosen-model.ts';
import { completions } from './complete.ts';
import { Conversation } from './conversation.ts';
import { editText } from './edit-text.ts';
import { History } from './history.ts';
import { KeyReader } from './keys.ts';
import { LineEditor } from './line-editor.ts';
import { PlainLines } from './plain-lines.ts';
import type { Entry, Prompter } from './prompter.ts';

const PASTE_MARKS = { on: '\u001b[?2004h', off: '\u001b[?2004l' };
const NO_MARKS = { on: '', off: '' };

/** Resolves to the exit code: 0, 130 after two Ctrl-C, the signal's. */
export async function converse(
  words: readonly string[],
  flags: AskFlags,
  context: Context,
): Promise<number> {
  const { deps } = context;
  const opened: Conversation[] = [];
  const history = new History(historyFile(flags, deps), deps);
  const begun = await context.execute('chat', flags, async function* () {
    const begun = await open(words, flags, context);
    await history.load();
    yield { type: 'status', message: await greeting(begun) };
    if (begun.live.damage !== null) yield { type: 'warning', message: begun.live.damage };
    opened.push(begun);
  });
  const [conversation] = opened;
  if (conversation === undefined) return begun;
  try {
    return await withTerminal(conversation, history, (prompter) =>
      talk(conversation, prompter, deps),
    );
  } finally {
    await conversation.close();
  }
}

function historyFile({ save }: AskFlags, deps: Deps): string | null {
  if (!save) return null;
  const { dirname, join } = deps.path;
  return join(dirname(findPlaces(deps).sessions), 'chat-history.jsonl');
}

/** Throws `CliError` usage, no_key or local_io. */
async function open(
  words: readonly string[],
  flags: AskFlags,
  context: Context,
): Promise<Conversation> {
  const { deps } = context;
  const settings = await loadSettings(deps, flags);
  const { config, places, gateway, gatewayConfig } = settings;
  const { state } = keyStatus(deps, gateway, gatewayConfig);
  // Said before the first message is typed. What a file or a program has is read when it is needed.
  if (state === 'not_set' || state === 'malformed') await findKeyFor(settings, deps);
  if (flags.session !== undefined) checkSessionName(flags.session);
  const directory = places.sessions;
  const newest = flags.continue ? await newestSession(directory, deps) : null;
  const name = flags.session ?? newest;
  if (flags.continue && name === null) throw noSession();
  const save = flags.save && (name !== null || config.defaults?.chat?.save !== false);
  const live = await LiveConversation.open({ directory, save, name }, deps);
  const conversation = new Conversation(context, flags, live);
  conversation.opening = words.length > 0 || (await hasPrompt(flags, deps)) ? words : null;
  if (flags.system?.startsWith('@')) {
    const { readTextFile } = await import('../../work/input/attachments.ts');
    conversation.system = await readTextFile(flags.system.slice(1), '--system', deps);
  } else conversation.system = flags.system ?? null;
  return conversation;
}

/** Of a template. Throws `CliError` usage, as where it is sent. */
async function hasPrompt(flags: AskFlags, deps: Deps): Promise<boolean> {
  if (flags.template === undefined && flags.var === undefined) return false;
  const { askOptions } = await import('../../work/ask/options.ts');
  const { withTemplate } = await import('../../work/ask/templates.ts');
  const { prepared } = await withTemplate(askOptions('chat', [], flags), deps);
  return (prepared?.prompt ?? null) !== null;
}

async function greeting(conversation: Conversation): Promise<string> {
  const { live, deps } = conversation;
  const { model, label } = await chosenModel(conversation);
  const going = live.name === null ? '' : `${whichConversation(live, deps.clock.now())}. `;
  return `${going}${model ?? 'no model'} on ${label}; /help lists the commands, Ctrl-D ends`;
}

/** Takes the terminal, and gives it back whatever happens. */
async function withTerminal(
  conversation: Conversation,
  history: History,
  work: (prompter: Prompter) => Promise<number>,
): Promise<number> {
  const { deps } = conversation;
  const take = deps.stdin.takeTerminal;
  if (take === undefined) throw new RangeError('no terminal');
  const write = burstWriter((text) => {
    // A terminal that is gone ends the input, too.
    deps.stdout.write(text).catch(() => {});
  });
  const onInterrupt = (): void => conversation.interrupt();
  const { clock } = deps;
  let terminal: TakenTerminal | null = null;
  let prompter: LineEditor | PlainLines;
  let feed: (bytes: Uint8Array) => void;
  let closeKeys = (): void => {};
  if (deps.env.TERM === 'dumb') {
    const lines = new PlainLines({ write, onInterrupt, clock });
    [prompter, feed] = [lines, (bytes) => lines.feed(bytes)];
  } else {
    const editor = new LineEditor({
      size: () => ({ columns: terminal?.columns ?? 80, rows: terminal?.rows ?? 24 }),
      write,
      history: history.entries,
      remember: (text) => void history.add(text),
      complete: (text) => completions(text, conversation),
      onInterrupt,
      suspend: () => terminal?.suspend(),
      clock,
      endsOnControlZ: deps.platform === 'win32',
      edit: (text) => editText(text, terminal, conversation),
    });
    const keys = new KeyReader((key) => editor.key(key), clock);
    [prompter, feed, closeKeys] = [editor, (bytes) => keys.feed(bytes), () => keys.close()];
  }
  const end = (): void => prompter.end();
  terminal = take({
    raw: prompter.canEdit,
    modes: prompter.canEdit ? PASTE_MARKS : NO_MARKS,
    onBytes: feed,
    onEnd: end,
    onResize: () => prompter.resized(),
    onResume: () => prompter.redraw(),
    onInterrupt: () => prompter.interrupt(),
  });
  deps.signal.addEventListener('abort', end, { once: true });
  conversation.prompter = prompter;
  try {
    return await work(prompter);
  } finally {
    conversation.prompter = null;
    deps.signal.removeEventListener('abort', end);
    closeKeys();
    prompter.close();
    terminal.giveBack();
  }
}

async function talk(conversation: Conversation, prompter: Prompter, deps: Deps): Promise<number> {
  if (conversation.opening !== null) await conversation.begin(conversation.opening);
  let interrupts = 0;
  let text = '';
  for (;;) {
    const { reason } = deps.signal;
    if (reason instanceof SignalReceived) return exitCodes[reason.exit].code;
    const entry: Entry = await prompter.read(text);
    text = '';
    if (entry.kind !== 'message') conversation.forgetEdit();
    interrupts = entry.kind === 'interrupt' ? interrupts + 1 : 0;
    if (interrupts > 1) return exitCodes.sigint.code;
    if (entry.kind === 'interrupt') await conversation.note('Ctrl-C again, Ctrl-D or /quit ends');
    else if (entry.kind === 'end' && !deps.signal.aborted) return EXIT_OK;
    else if (entry.kind === 'message') {
      const next = await answer(entry, conversation, prompter);
      if (next === 'quit') return EXIT_OK;
      text = next;
    }
  }
}

/** Alone on a line, as other programs of this kind take them: nobody means to buy an answer to them. */
const leaving = /^(?:exit|quit)$/i;

/** 'quit', or the text that the next line begins with. */
async function answer(
  { text, literal }: Entry & { kind: 'message' },
  conversation: Conversation,
  prompter: Prompter,
): Promise<string> {
  if (text.trim() === '') return '';
  if (!literal && leaving.test(text.trim())) return 'quit';
  if (literal || !text.startsWith('/')) {
    await conversation.say(text);
    return '';
  }
  if (text.startsWith('//')) {
    await conversation.say(text.slice(1));
    return '';
  }
  const { runCommand } = await import('./commands.ts');
  let next = '';
  conversation.forgetEdit();
  try {
    next = await runCommand(text, conversation, prompter);
  } catch (error) {
    await conversation.fail(error);
  }
  return next;
}
