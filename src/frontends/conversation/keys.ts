/**
 * Turns the bytes of a terminal into what was done at it: text, a paste, a key. Bytes may be cut anywhere. It knows no
 * line and draws nothing.
 */
import type { Clock } from '../../base/deps.ts';

export type Key =
  /** Printable characters that came together: a key, or what an input method commits. */
  | { type: 'text'; text: string }
  /** As it was copied, with `\n` between its lines. */
  | { type: 'paste'; text: string }
  | { type: 'paste too long' }
  /** A control character, or an escape sequence, whole. */
  | { type: 'key'; sequence: string };

const ESC = '\u001b';
const PASTE_BEGINS = `${ESC}[200~`;
const PASTE_ENDS = `${ESC}[201~`;

/** UTF-16 units; what is longer is a file. */
export const MAX_PASTE = 4 * 1024 * 1024;
/** A longer sequence is no key. */
const MAX_SEQUENCE = 64;
/** A terminal's reply, which nobody asked for. */
const MAX_REPLY = 4096;
/** An Escape that nothing follows for so long was a key of its own. */
const ESCAPE_MS = 500;
/** A paste that is silent for so long may have lost its end. */
const SILENT_PASTE_MS = 2_000;

// A tab between characters is part of a text; alone, or behind them, it is the key.
const printable =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
  /^[^\u0000-\u001f\u007f-\u009f]+(?:\t+[^\u0000-\u001f\u007f-\u009f]+)*/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: as above
const sequence = /^\u001b(?:\[\[[A-E]|\[[0-?]*[ -/]*[@-Z\\-~]|O[ -~])/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: as above
const sequenceBegun = /^\u001b(?:\[\[?|\[[0-?]*[ -/]*|O)$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: as above
const reply = /^\u001b[\]PX^_][^\u0007\u001b]*(?:\u0007|\u001b\\)/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: as above
const replyBegun = /^\u001b[\]PX^_][^\u0007\u001b]*\u001b?$/;

/** Several lines at once, which no key makes: a paste on a terminal that does not mark it. */
const unmarkedPaste =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: as above
  /^[^\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]*[^\r\n][\r\n]+[^\r\n\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f][^\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]*$/;

export class KeyReader {
  private readonly onKey: (key: Key) => void;
  private readonly clock: Pick<Clock, 'after'>;
  private readonly decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  /** The begin of a sequence, or of a marker in a paste. */
  private held = '';
  /** The parts of a paste that has not ended; null outside one. */
  private paste: { parts: string[]; length: number; isSilent: boolean } | null = null;
  private cancelTimer: () => void = () => {};

  constructor(onKey: (key: Key) => void, clock: Pick<Clock, 'after'>) {
    this.onKey = onKey;
    this.clock = clock;
  }

  feed(bytes: Uint8Array): void {
    this.cancelTimer();
    let text = this.held + this.decoder.decode(bytes, { stream: true });
    this.held = '';
    while (text !== '') text = this.paste === null ? this.outside(text) : this.inside(text);
    this.watch();
  }

  /** No more bytes come, and no timer is left. */
  close(): void {
    this.cancelTimer();
  }

  private watch(): void {
    if (this.paste !== null && !this.paste.isSilent)
      this.cancelTimer = this.clock.after(
        SILENT_PASTE_MS,
        () => this.showSilentPaste(),
        'background',
      );
    else if (this.held !== '')
      this.cancelTimer = this.clock.after(ESCAPE_MS, () => this.dropEscape(), 'background');
  }

  /** The begin of `ESC [` stays: no person has typed it, so that the rest is still on its way. */
  private dropEscape(): void {
    if (!this.held.startsWith(`${ESC}[`) || this.held === `${ESC}[`) this.held = '';
  }

  /** What is left of the text when a paste begins; '' otherwise. */
  private outside(text: string): string {
    if (!text.includes(ESC) && unmarkedPaste.test(text)) {
      this.emitPaste(text);
      return '';
    }
    let rest = text;
    while (rest !== '') {
      if (rest.startsWith(PASTE_BEGINS)) {
        this.paste = { parts: [], length: 0, isSilent: false };
        return rest.slice(PASTE_BEGINS.length);
      }
      const used = rest.startsWith(ESC) ? this.takeSequence(rest) : this.takePlain(rest);
      if (used === 0) {
        this.held = rest;
        return '';
      }
      rest = rest.slice(used);
    }
    return '';
  }

  /** How much of the text it was. */
  private takePlain(text: string): number {
    const run = printable.exec(text)?.[0].length ?? 0;
    if (run === 0) {
      this.onKey({ type: 'key', sequence: text.charAt(0) });
      return 1;
    }
    this.onKey({ type: 'text', text: text.slice(0, run) });
    return run;
  }

  /** How much of the text it was; 0 where the rest has not come yet. */
  private takeSequence(text: string): number {
    if (text.length === 1) return 0;
    const known = sequence.exec(text.slice(0, MAX_SEQUENCE))?.[0];
    if (known !== undefined) {
      // An end without a begin closes a paste that was shown before its end came.
      if (known !== PASTE_ENDS) this.onKey({ type: 'key', sequence: known });
      return known.length;
    }
    const answered = reply.exec(text.slice(0, MAX_REPLY))?.[0];
    if (answered !== undefined) return answered.length;
    if (text.length < MAX_SEQUENCE && sequenceBegun.test(text)) return 0;
    if (text.length < MAX_REPLY && replyBegun.test(text)) return 0;
    if (/^.[[\]OPX^_]/.test(text)) return 2;
    // Alt with a key; a second Escape begins anew.
    if (text.charAt(1) === ESC) return 1;
    const char = String.fromCodePoint(text.codePointAt(1) ?? 0);
    this.onKey({ type: 'key', sequence: ESC + char });
    return 1 + char.length;
  }

  /** What comes after the paste; '' when all of it is in the paste. */
  private inside(text: string): string {
    const { paste } = this;
    if (paste === null) return text;
    if (paste.isSilent && isOneKey(text)) {
      // Its end is lost. This key ends it; Enter does no more than that, so that nothing is sent by mistake.
      this.paste = null;
      return text === '\r' || text === '\n' ? '' : text;
    }
    paste.isSilent = false;
    const end = text.indexOf(PASTE_ENDS);
    if (end === -1) {
      const begun = beginOfEnd(text);
      this.held = text.slice(text.length - begun);
      this.collect(text.slice(0, text.length - begun));
      return '';
    }
    this.collect(text.slice(0, end));
    this.paste = null;
    this.deliver(paste);
    return text.slice(end + PASTE_ENDS.length);
  }

  private collect(text: string): void {
    if (this.paste === null) return;
    this.paste.length += text.length;
    if (this.paste.length <= MAX_PASTE) this.paste.parts.push(text);
    else this.paste.parts = [];
  }

  private deliver({ parts, length }: { parts: string[]; length: number }): void {
    if (length > MAX_PASTE) this.onKey({ type: 'paste too long' });
    else this.emitPaste(parts.join(''));
  }

  private showSilentPaste(): void {
    const { paste } = this;
    if (paste === null) return;
    const shown = { ...paste };
    this.paste = { parts: [], length: 0, isSilent: true };
    this.deliver(shown);
  }

  private emitPaste(text: string): void {
    if (text !== '') this.onKey({ type: 'paste', text: text.replace(/\r\n?/g, '\n') });
  }
}

/** How much of the end of the text may be the begin of the marker. */
function beginOfEnd(text: string): number {
  for (let length = PASTE_ENDS.length - 1; length > 0; length -= 1)
    if (text.endsWith(PASTE_ENDS.slice(0, length))) return length;
  return 0;
}

function isOneKey(text: string): boolean {
  if (text.startsWith(ESC))
    return text.length <= MAX_SEQUENCE && !PASTE_ENDS.startsWith(text.slice(0, PASTE_ENDS.length));
  return [...text].length === 1;
}
