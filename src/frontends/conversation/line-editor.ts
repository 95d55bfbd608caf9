/**
 * The input of a conversation: Node's readline for the current line, and around it what readline lacks: lines of a
 * message, pastes, search in the history, an editor. It draws on its own lines only and sends nothing.
 */
import { createInterface, type Interface } from 'node:readline';
import { Readable, Writable } from 'node:stream';
import type { Clock } from '../../base/deps.ts';
import { FoldedTexts, fitsLine, fitsScreen, type Line, onScreen } from './folded-text.ts';
import { HistorySearch } from './history-search.ts';
import type { Key } from './keys.ts';
import { completeMessage, goesOn } from './message-text.ts';
import { type Entry, MORE, PROMPT, type Prompter } from './prompter.ts';

/** The window stays as it is for so long. */
const RESIZED_MS = 100;
/** What was typed while nobody read; more is dropped, with a bell. */
const MAX_WAITING = 10_000;

/** Backspace, as terminals send it. */
const erasing: ReadonlySet<string> = new Set(['\u007f', '\u0008']);
/** Ctrl-C and Ctrl-G, in a search. */
const cancelling: ReadonlySet<string> = new Set(['\u0003', '\u0007']);

export interface EditorParts {
  /** Of the window, in characters. */
  size(): { columns: number; rows: number };
  write(text: string): void;
  /** Messages that were sent, the newest first. It is read whenever it may have changed. */
  history: readonly string[];
  /** A message was sent. */
  remember(text: string): void;
  /** What may stand at the end of the text, and how much of the end that replaces. */
  complete(text: string): Promise<[string[], string]>;
  /** Ctrl-C while nobody reads. */
  onInterrupt(): void;
  suspend(): void;
  /** Ctrl-Z ends the input, as it does on Windows; else it suspends. */
  endsOnControlZ: boolean;
  clock: Pick<Clock, 'after'>;
  /** The text as an editor left it; null where that failed. */
  edit(text: string): Promise<string | null>;
}

export class LineEditor implements Prompter {
  readonly canEdit = true;
  private readonly parts: EditorParts;
  private readonly folded = new FoldedTexts();
  private readonly input = new Readable({ read() {} });
  private readonly readline: Interface;
  /** Lines of the message that are complete, as readline had them. */
  private above: string[] = [];
  /** The message began with a paste, so that it is no command. */
  private beganPasted = false;
  /** The line right behind a paste: what it ends with was not typed. */
  private afterPaste: string | null = null;
  private search: HistorySearch | null = null;
  private sawControlX = false;
  /** Somebody waits for an entry; null: what is typed waits. */
  private answer: ((entry: Entry) => void) | null = null;
  /** Keys wait for completion or the editor. */
  private isAway = false;
  private waiting: Key[] = [];
  /** The line is a reply to a question. */
  private isReply = false;
  /** The line began with a text to edit. */
  private wasGiven = false;
  private hasEnded = false;
  private cancelRedraw: () => void = () => {};

  constructor(parts: EditorParts) {
    this.parts = parts;
    const { size, write } = parts;
    const output = new Writable({
      decodeStrings: false,
      write(chunk, _encoding, done) {
        write(onScreen(String(chunk)));
        done();
      },
    });
    Object.defineProperty(output, 'columns', { get: () => size().columns });
    this.readline = createInterface({
      input: this.input,
      output,
      terminal: true,
      prompt: PROMPT,
      historySize: Number.MAX_SAFE_INTEGER,
      completer: (line: string, done: (error: null, found: [string[], string]) => void) => {
        this.isAway = true;
        void this.complete(line).then((found) => {
          done(null, found);
          this.isAway = false;
          this.drain();
        });
      },
    });
    // Both are cut off where a message is complete, and never by readline.
    this.readline.on('history', () => this.fillHistory());
  }

  read(text = ''): Promise<Entry> {
    return new Promise((resolve) => {
      this.answer = resolve;
      if (this.hasEnded) this.finish({ kind: 'end' });
      else this.start(text);
    });
  }

  readReply(): Promise<Entry> {
    this.waiting = [];
    this.isReply = true;
    return this.read().finally(() => {
      this.isReply = false;
    });
  }

  private start(text: string): void {
    this.begin();
    this.wasGiven = text !== '';
    if (text !== '') this.insert(this.folded.foldWhole(text));
    this.takeWaiting();
  }

  end(): void {
    this.hasEnded = true;
    if (this.answer !== null) this.leave({ kind: 'end' });
  }

  /** Closes readline; the terminal is its owner's. */
  close(): void {
    this.cancelRedraw();
    this.readline.close();
  }

  key(key: Key): void {
    if (this.answer !== null && !this.isAway) this.act(key);
    else if (key.type === 'key' && key.sequence === '\u0003' && !this.isAway) {
      // What was typed ahead goes with the answer that it was typed ahead of.
      this.waiting = [];
      this.parts.onInterrupt();
    } else if (key.type === 'key' && key.sequence === '\u001a' && !this.isAway)
      this.parts.suspend();
    else if (this.waiting.length < MAX_WAITING) this.waiting.push(key);
    else this.parts.write('\u0007');
  }

  /** SIGINT, which is Ctrl-C by another way. */
  interrupt(): void {
    this.key({ type: 'key', sequence: '\u0003' });
  }

  /**
   * The window changed. Some terminals have wrapped the line anew, and some have not: the smaller of the two heights
   * never reaches above the line, and leaves at most a piece of it.
   */
  resized(): void {
    if (this.answer === null) return;
    const before: unknown = Reflect.get(this.readline, 'prevRows');
    const { rows } = this.readline.getCursorPos();
    const prevRows = typeof before === 'number' ? Math.min(before, rows) : 0;
    Object.assign(this.readline, { prevRows });
    this.cancelRedraw();
    // A window that is being dragged changes often.
    this.cancelRedraw = this.parts.clock.after(
      RESIZED_MS,
      () => {
        if (this.answer !== null && !this.isAway) this.readline.prompt(true);
      },
      'background',
    );
  }

  /** The screen may show anything, as after a suspension. */
  redraw(): void {
    if (this.answer === null) return;
    Object.assign(this.readline, { prevRows: 0 });
    this.readline.prompt(true);
  }

  private begin(): void {
    this.above = [];
    this.beganPasted = false;
    this.afterPaste = null;
    this.search = null;
    this.set({ text: '', cursor: 0 });
    this.folded.keepOnly(this.parts.history);
    this.fillHistory();
    this.readline.setPrompt(PROMPT);
    this.readline.prompt();
  }

  private finish(entry: Entry): void {
    const { answer } = this;
    this.answer = null;
    answer?.(entry);
  }

  /** What was typed while nobody read. Enter is a line end in it: nobody has seen what it would send. */
  private takeWaiting(): void {
    const keys = this.waiting;
    this.waiting = [];
    while (isEnter(keys.at(-1))) keys.pop();
    for (const key of keys) this.key(isEnter(key) ? { type: 'key', sequence: '\n' } : key);
  }

  private drain(): void {
    while (this.answer !== null && !this.isAway) {
      const key = this.waiting.shift();
      if (key === undefined) return;
      this.act(key);
    }
  }

  private act(key: Key): void {
    if (this.search !== null && this.inSearch(this.search, key)) return;
    const isEditorKey = this.sawControlX && key.type === 'key' && key.sequence === '\u0005';
    this.sawControlX = false;
    if (key.type === 'text') {
      if (key.text.length > 400) this.paste(key.text);
      else this.insert(key.text);
    } else if (key.type === 'paste') this.paste(key.text);
    else if (key.type === 'paste too long') this.parts.write('\u0007');
    else if (isEditorKey) void this.openEditor();
    else this.press(key.sequence);
  }

  private press(sequence: string): void {
    const own = this.keys.get(sequence);
    if (own === undefined) this.feed(sequence);
    else own(sequence);
  }

  /** What readline would do otherwise, or does not know. */
  private readonly keys: ReadonlyMap<string, (sequence: string) => void> = new Map([
    ['\r', () => this.enter()],
    // Ctrl-J, Alt+Enter, and Shift, Alt or Ctrl with Enter where a terminal tells them apart.
    ...['\n', '\u001b\r', '\u001b\n', ...[2, 3, 5].map((how) => `\u001b[13;${how}u`)].map(
      (sequence): [string, () => void] => [sequence, () => this.breakLine()],
    ),
    ...[2, 3, 5].map((how): [string, () => void] => [
      `\u001b[27;${how};13~`,
      () => this.breakLine(),
    ]),
    ['\u0003', () => this.cancel()],
    ['\u0004', (sequence: string) => this.endOrDelete(sequence)],
    ['\u0012', () => this.beginSearch()],
    [
      '\u0018',
      () => {
        this.sawControlX = true;
      },
    ],
    ['\u001a', () => this.suspendOrEnd()],
    ['\u007f', (sequence: string) => this.erase(sequence)],
    ['\u0008', (sequence: string) => this.erase(sequence)],
  ]);

  private endOrDelete(sequence: string): void {
    if (this.line.text !== '') this.feed(sequence);
    else if (this.above.length === 0) this.leave({ kind: 'end' });
  }

  private suspendOrEnd(): void {
    if (this.parts.endsOnControlZ) this.endOrDelete('\u0004');
    else this.parts.suspend();
  }

  private erase(sequence: string): void {
    if (this.line.cursor === 0 && this.above.length > 0) this.takeBack();
    else this.feed(sequence);
  }

  private beginSearch(): void {
    this.search = new HistorySearch(this.parts.history, this.line);
    this.showSearch(this.search);
  }

  private get line(): Line {
    return { text: this.readline.line, cursor: this.readline.cursor };
  }

  private set({ text, cursor }: Line): void {
    Object.assign(this.readline, { line: text, cursor });
  }

  /** A key for readline, which reads it from its input at once. */
  private feed(sequence: string): void {
    const before = this.line;
    this.input.emit('data', Buffer.from(sequence));
    this.mend(before);
  }

  private insert(text: string): void {
    const before = this.line;
    this.readline.write(text);
    this.mend(before);
  }

  private mend(before: Line): void {
    const { text, cursor } = this.line;
    const mended = this.folded.mend({ text, cursor }, before);
    const folded = this.isTooTall()
      ? this.folded.fold(this.folded.unfold(mended.text), 'all of this')
      : null;
    if (mended.text === text && mended.cursor === cursor && folded === null) return;
    this.set(folded === null ? mended : { text: folded, cursor: folded.length });
    this.readline.prompt(true);
  }

  /** readline cannot draw a line that is taller than the window. */
  private isTooTall(): boolean {
    const { columns, rows } = this.parts.size();
    return (
      this.line.text.length > columns && this.readline.getCursorPos().rows > Math.max(2, rows - 3)
    );
  }

  /** Shows a line in place of the current one. */
  private show(line: Line, prompt = this.usualPrompt): void {
    this.readline.setPrompt(prompt);
    this.set(line);
    this.readline.prompt(true);
  }

  private get usualPrompt(): string {
    return this.above.length === 0 ? PROMPT : MORE;
  }

  private paste(text: string): void {
    const isFirst = this.above.length === 0 && this.line.text === '';
    if (!fitsScreen(text)) this.insert(this.folded.foldPaste(text));
    else {
      const [first = '', ...others] = text.split('\n');
      this.insert(first);
      for (const line of others) {
        this.breakLine();
        this.insert(line);
      }
    }
    if (isFirst) this.beganPasted = true;
    this.afterPaste = this.line.text;
  }

  /** Ends the line on the screen; what is behind the cursor begins the next one. */
  private breakLine(): void {
    const { text, cursor } = this.line;
    const rest = text.slice(cursor);
    if (rest !== '') this.show({ text: text.slice(0, cursor), cursor });
    this.above.push(text.slice(0, cursor));
    this.nextRow();
    this.show({ text: rest, cursor: 0 });
    this.afterPaste = null;
  }

  /** The line before goes on, in the row of the current one. */
  private takeBack(): void {
    const last = this.above.pop() ?? '';
    this.show({ text: last + this.line.text, cursor: last.length });
  }

  /** The cursor goes to a new row below the line, which is empty then. */
  private nextRow(): void {
    this.input.emit('data', Buffer.from('\r'));
    this.fillHistory();
  }

  private enter(): void {
    const { text } = this.line;
    if (this.afterPaste !== text && goesOn(text)) {
      this.show({ text: text.slice(0, -1), cursor: text.length - 1 });
      this.breakLine();
      return;
    }
    const whole = this.folded.unfold([...this.above, text].join('\n'));
    const message = this.beganPasted
      ? { text: whole, literal: whole.includes('\n') }
      : completeMessage(whole);
    if (message === null) {
      this.show({ text, cursor: text.length });
      this.breakLine();
      return;
    }
    if (message.text.trim() !== '' && !this.isReply) this.parts.remember(whole);
    this.leave({ kind: 'message', ...message });
  }

  private leave(entry: Entry): void {
    this.nextRow();
    this.finish(entry);
  }

  /** Ctrl-C: the message is dropped; where there is none it is for the conversation. */
  private cancel(): void {
    const isEmpty = this.above.length === 0 && this.line.text === '';
    this.readline.write(null, { ctrl: true, name: 'e' });
    this.parts.write('^C');
    this.nextRow();
    if (isEmpty) this.finish({ kind: 'interrupt' });
    else if (this.wasGiven) this.finish({ kind: 'cancelled' });
    else this.begin();
  }

  private inSearch(search: HistorySearch, key: Key): boolean {
    if (key.type === 'text') search.add(key.text);
    else if (key.type === 'key' && key.sequence === '\u0012') search.older();
    else if (key.type === 'key' && erasing.has(key.sequence)) search.shorten();
    else {
      this.search = null;
      const isCancelled = key.type === 'key' && cancelling.has(key.sequence);
      const { found } = search;
      const text = found === null ? '' : this.folded.foldWhole(found);
      this.show(isCancelled || found === null ? search.before : { text, cursor: text.length });
      // Enter and Escape take what was found to the line; it is sent by an Enter that sees it there.
      return isCancelled || isEnter(key);
    }
    this.showSearch(search);
    return true;
  }

  private showSearch(search: HistorySearch): void {
    const text = search.found === null ? '' : this.folded.foldWhole(search.found);
    this.show({ text, cursor: text.length }, search.prompt);
  }

  private async openEditor(): Promise<void> {
    const whole = this.folded.unfold([...this.above, this.line.text].join('\n'));
    this.isAway = true;
    this.nextRow();
    const edited = await this.parts.edit(whole);
    this.isAway = false;
    this.begin();
    this.paste(edited ?? whole);
    this.drain();
  }

  private async complete(text: string): Promise<[string[], string]> {
    if (this.above.length > 0) return [[], text];
    try {
      const [found, end] = await this.parts.complete(text);
      return [found.filter(fitsLine), end];
    } catch {
      return [[], text];
    }
  }

  /** readline keeps lines, the history messages. */
  private fillHistory(): void {
    const list: unknown = Reflect.get(this.readline, 'history');
    if (!Array.isArray(list)) return;
    list.splice(0, list.length, ...this.parts.history.map((text) => this.folded.foldWhole(text)));
  }
}

function isEnter(key: Key | undefined): boolean {
  return key?.type === 'key' && key.sequence === '\r';
}
