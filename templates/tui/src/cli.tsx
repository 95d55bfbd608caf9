/**
 * A chat in the terminal. What is finished is printed once and scrolls away like any output; only the line that is being
 * written and the input are redrawn.
 */
import './env.js';
import { AllTokenError } from 'alltoken-cli';
import { Box, render, Static, Text, useApp, useInput, useStdout } from 'ink';
import { useEffect, useReducer, useRef, useState } from 'react';
import { type Agent, createAgent, type PendingCall } from './agent.js';
import { clean, costText } from './text.js';
import { withoutLast, wrap } from './wrap.js';

interface Line {
  kind: 'you' | 'answer' | 'tool' | 'note' | 'error';
  text: string;
}

const colours = { you: 'cyan', answer: undefined, tool: 'magenta', note: 'gray', error: 'red' };

/** The terminal marks what is pasted with these, so that a line end in it sends nothing. */
const pasteMarks = { on: '\u001b[?2004h', off: '\u001b[?2004l', begin: '[200~', end: '[201~' };

/** Ctrl-C, Ctrl-U, both backspaces, and Enter at the end. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: keys are control characters
const atOnce = /([\u0003\u0015\u007f\u0008]|\r$)/;

/** Of a long draft, so many lines are shown. */
const DRAFT_LINES = 5;
/** The arguments of a tool, in characters. */
const ARGUMENTS = 200;

/** A call that waits for a yes or a no. */
interface Question {
  call: PendingCall;
  answer(isAllowed: boolean): void;
}

/** Gets the tools that need an approval; the component puts itself here. */
const approvals = { ask: async (_call: PendingCall): Promise<boolean> => false };

function App({ agent }: { agent: Agent }) {
  const { exit } = useApp();
  const { stdout } = useStdout();
  const [lines, setLines] = useState<Line[]>([]);
  // Refs, since several keys may come at once, before anything is drawn again.
  const draft = useRef('');
  const open = useRef('');
  const isPasting = useRef(false);
  const isRunning = useRef(false);
  const questions = useRef<Question[]>([]);
  const [, redraw] = useReducer((count: number) => count + 1, 0);
  const columns = stdout.columns || 80;

  const print = (kind: Line['kind'], text: string): void => {
    const width = stdout.columns || 80;
    const more = wrap(clean(text), width - 2).map((line) => ({ kind, text: line }));
    setLines((before) => [...before, ...more]);
  };

  const write = (delta: string): void => {
    const written = wrap(open.current + clean(delta), (stdout.columns || 80) - 2);
    open.current = written.pop() ?? '';
    if (written.length > 0)
      setLines((before) => [
        ...before,
        ...written.map((text) => ({ kind: 'answer', text }) as const),
      ]);
    redraw();
  };

  const endAnswer = (): void => {
    if (open.current === '') return;
    const text = open.current;
    open.current = '';
    setLines((before) => [...before, { kind: 'answer', text }]);
  };

  useEffect(() => {
    const onUser = ({ content }: { content: string }): void => print('you', `> ${content}`);
    const onCall = (name: string, args: unknown): void => print('tool', describe(name, args));
    const onWarning = (message: string): void => print('note', message);
    agent.on('message:user', onUser);
    agent.on('stream:delta', write);
    agent.on('stream:end', endAnswer);
    agent.on('tool:call', onCall);
    agent.on('warning', onWarning);
    approvals.ask = (call) =>
      new Promise((answer) => {
        questions.current.push({ call, answer });
        redraw();
      });
    stdout.on('resize', redraw);
    stdout.write(pasteMarks.on);
    return () => {
      agent.off('message:user', onUser);
      agent.off('stream:delta', write);
      agent.off('stream:end', endAnswer);
      agent.off('tool:call', onCall);
      agent.off('warning', onWarning);
      approvals.ask = async () => false;
      stdout.off('resize', redraw);
      stdout.write(pasteMarks.off);
      void agent.abort();
    };
  }, [agent, stdout]);

  async function send(text: string): Promise<void> {
    isRunning.current = true;
    redraw();
    try {
      const { ok, stop, cost, error } = await agent.run(text);
      if (!ok) print(stop === 'aborted' ? 'note' : 'error', error?.message ?? `stopped: ${stop}`);
      if (error?.hint) print('note', error.hint);
      print('note', `cost ${costText(cost)}; of this chat ${costText(agent.cost())}`);
    } catch (error) {
      endAnswer();
      print('error', error instanceof Error ? error.message : String(error));
      if (error instanceof AllTokenError && error.hint) print('note', error.hint);
    } finally {
      isRunning.current = false;
      redraw();
    }
  }

  function edit(text: string): void {
    draft.current = text;
    redraw();
  }

  function add(text: string): void {
    edit(draft.current + clean(text.replace(/\r\n?/g, '\n')));
  }

  /** Keys that came at once. A line end at their end sends; one among them is a paste of a terminal without marks. */
  function several(keys: string): void {
    for (const part of keys.split(atOnce)) {
      if (part === '\u0003') leave();
      else if (part === '\u0015') edit('');
      else if (part === '\u007f' || part === '\b') edit(withoutLast(draft.current));
      else if (part === '\r') enter();
      else if (part !== '') add(part);
    }
  }

  /** Esc and Ctrl-C: the answer is stopped, else the draft is cleared, else the program ends. */
  function leave(): void {
    for (const { answer } of questions.current.splice(0)) answer(false);
    if (isRunning.current) void agent.abort();
    else if (draft.current !== '') edit('');
    else exit();
  }

  function enter(): void {
    const text = draft.current.trim();
    // What is typed while an answer is written waits for it.
    if (text === '' || isRunning.current) return;
    edit('');
    void send(text);
  }

  function decide(key: string): void {
    if (!/^[yn]$/i.test(key)) return;
    questions.current.shift()?.answer(/y/i.test(key));
    redraw();
  }

  useInput((input, key) => {
    if (input === pasteMarks.begin || input === pasteMarks.end) {
      isPasting.current = input === pasteMarks.begin;
      return;
    }
    const text = key.tab ? '\t' : input;
    if (isPasting.current) return add(text);
    if (key.escape || (key.ctrl && input === 'c')) return leave();
    if (questions.current.length > 0) return decide(input);
    if (key.ctrl && input === 'u') return edit('');
    if (key.backspace || key.delete) return edit(withoutLast(draft.current));
    if (key.return) return key.meta ? add('\n') : enter();
    if (!key.ctrl && !key.meta) several(text);
  });

  const [question] = questions.current;
  const typed = wrap(draft.current, columns - 4);
  const hidden = typed.length - DRAFT_LINES;
  return (
    <>
      <Static items={lines}>
        {({ kind, text }, index) => (
          <Text key={index} color={colours[kind]}>
            {text === '' ? ' ' : text}
          </Text>
        )}
      </Static>
      <Box flexDirection="column">
        {open.current !== '' && <Text>{open.current}</Text>}
        {question !== undefined && (
          <Text color="yellow">
            {fit(`allow ${describe(question.call.name, question.call.args)}? y/n`, columns - 2)}
          </Text>
        )}
        {isRunning.current && question === undefined && <Text dimColor>… Esc stops it</Text>}
        {hidden > 0 && <Text dimColor>{`  ${hidden} more lines above`}</Text>}
        {typed.slice(-DRAFT_LINES).map((line, index, shown) => (
          <Text key={index}>
            <Text color="yellow">{index === 0 && hidden <= 0 ? '> ' : '  '}</Text>
            {line}
            {index === shown.length - 1 && <Text inverse> </Text>}
          </Text>
        ))}
      </Box>
    </>
  );
}

function describe(name: string, args: unknown): string {
  const text = JSON.stringify(args) ?? '';
  return `${name} ${text.length > ARGUMENTS ? `${text.slice(0, ARGUMENTS)}…` : text}`;
}

/** At most two lines, so that the question is always seen. */
function fit(text: string, columns: number): string {
  const all = wrap(clean(text), columns);
  return all.length <= 2 ? all.join('\n') : [all[0], `…${all.at(-1)}`].join('\n');
}

if (process.stdin.isTTY && process.stdout.isTTY) {
  const agent = createAgent({ approve: (call) => approvals.ask(call) });
  console.log('Ask something. Alt+Enter begins a new line, Esc stops or ends.');
  const { waitUntilExit } = render(<App agent={agent} />, { exitOnCtrlC: false });
  await waitUntilExit();
} else {
  console.error('This needs a terminal. Without one: npm run start:headless -- "your question"');
  process.exitCode = 2;
}
