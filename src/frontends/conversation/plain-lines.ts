/** The input of a conversation on a terminal that understands no control sequences (TERM=dumb): whole lines, edited by the system. It writes prompts and nothing else. */
import type { Clock } from '../../base/deps.ts';
import { completeMessage, goesOn } from './message-text.ts';
import { type Entry, MORE, PROMPT, type Prompter } from './prompter.ts';

/** Lines that come closer together than this were pasted, as no marker tells it here. */
const TOGETHER_MS = 30;
/** UTF-16 units of a message; what is longer is a file. */
const MAX_MESSAGE = 4 * 1024 * 1024;

export interface PlainParts {
  write(text: string): void;
  /** Ctrl-C while nobody reads. */
  onInterrupt(): void;
  clock: Pick<Clock, 'after'>;
}

export class PlainLines implements Prompter {
  readonly canEdit = false;
  private readonly parts: PlainParts;
  private readonly decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  private text = '';
  /** Lines of a message that is not complete. */
  private above: string[] = [];
  private length = 0;
  /** Lines that came at once. */
  private together = 0;
  private hasPaste = false;
  private answer: ((entry: Entry) => void) | null = null;
  private hasEnded = false;
  private cancelTimer: () => void = () => {};

  constructor(parts: PlainParts) {
    this.parts = parts;
  }

  read(): Promise<Entry> {
    return new Promise((resolve) => {
      this.answer = resolve;
      this.parts.write(this.above.length === 0 ? PROMPT : MORE);
      // What was typed ahead is above; it is sent by an Enter behind the prompt.
      if (this.hasEnded) this.finish({ kind: 'end' });
    });
  }

  readReply(): Promise<Entry> {
    this.drop();
    return this.read();
  }

  end(): void {
    this.hasEnded = true;
    if (this.answer !== null) this.finish({ kind: 'end' });
  }

  /** The system draws here. */
  resized(): void {}

  redraw(): void {
    if (this.answer !== null) this.parts.write(this.above.length === 0 ? PROMPT : MORE);
  }

  close(): void {
    this.cancelTimer();
  }

  feed(bytes: Uint8Array): void {
    const lines = (this.text + this.decoder.decode(bytes, { stream: true })).split(/\r?\n/);
    this.text = (lines.pop() ?? '').slice(0, MAX_MESSAGE);
    for (const line of lines) this.take(line);
  }

  interrupt(): void {
    const isEmpty = this.above.length === 0;
    this.drop();
    if (this.answer === null) {
      this.parts.onInterrupt();
      return;
    }
    this.parts.write('\n');
    if (isEmpty) this.finish({ kind: 'interrupt' });
    else this.parts.write(PROMPT);
  }

  private take(line: string): void {
    this.length += line.length + 1;
    if (this.length > MAX_MESSAGE) return;
    this.above.push(line);
    this.together += 1;
    this.cancelTimer();
    if (this.answer !== null)
      this.cancelTimer = this.parts.clock.after(TOGETHER_MS, () => this.pause(), 'background');
  }

  /** No more lines came at once. */
  private pause(): void {
    const last = this.above.at(-1) ?? '';
    const wasPasted = this.together > 1;
    this.together = 0;
    this.hasPaste ||= wasPasted;
    if (this.answer === null) return;
    if (goesOn(last)) {
      this.above.splice(-1, 1, last.slice(0, -1));
      this.parts.write(MORE);
      return;
    }
    const message = completeMessage(this.above.join('\n'));
    // Several at once are a paste, which an empty line sends.
    if (message === null || (wasPasted && last !== '')) {
      this.parts.write(MORE);
      return;
    }
    const literal = message.literal || this.hasPaste;
    this.drop();
    this.finish({ kind: 'message', text: message.text.replace(/\n$/, ''), literal });
  }

  private drop(): void {
    this.cancelTimer();
    this.above = [];
    this.length = 0;
    this.together = 0;
    this.hasPaste = false;
    this.text = '';
  }

  private finish(entry: Entry): void {
    const { answer } = this;
    this.answer = null;
    answer?.(entry);
  }
}
