/** Takes control sequences out of text that is shown on a terminal, safely across chunk borders: a model must not move the cursor, retitle the window or reorder the line. */

// C0 but \n and \t, DEL, C1, and the bidi embeddings, overrides and isolates.
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
const suspicious = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/;
const ESC = 0x1b;
const BEL = 0x07;

type State = 'text' | 'escape' | 'csi' | 'string' | 'string-escape';

/** One per stream: feed it the pieces in order. */
export class TerminalText {
  private state: State = 'text';

  clean(text: string): string {
    if (this.state === 'text' && !suspicious.test(text)) return text;
    let out = '';
    for (let at = 0; at < text.length; at += 1)
      out += this.step(text[at] ?? '', text.charCodeAt(at));
    return out;
  }

  /** What of this character is shown. */
  private step(char: string, code: number): string {
    // A line end closes whatever was open, or one stray ESC ] would swallow the rest of the answer.
    if (code === 0x0a) {
      this.state = 'text';
      return char;
    }
    switch (this.state) {
      case 'text':
        return this.stepText(char, code);
      case 'escape':
        return this.stepEscape(char, code);
      case 'csi':
        if (code >= 0x20 && code <= 0x3f) return '';
        this.state = 'text';
        return code >= 0x40 && code <= 0x7e ? '' : this.stepText(char, code);
      case 'string':
        if (code === ESC) this.state = 'string-escape';
        else if (code === BEL || code === 0x9c) this.state = 'text';
        return '';
      case 'string-escape':
        // ESC \ ends the string; any other character after ESC begins a new sequence.
        if (code !== 0x5c) return this.stepEscape(char, code);
        this.state = 'text';
        return '';
    }
  }

  /** No sequence has anything but ASCII after its ESC: then the ESC was a stray one, and the character is text. */
  private stepEscape(char: string, code: number): string {
    this.state = code > 0x7e ? 'text' : afterEscape(code);
    return code > 0x7e ? this.stepText(char, code) : '';
  }

  private stepText(char: string, code: number): string {
    if (code === ESC) this.state = 'escape';
    else if (code === 0x9b) this.state = 'csi';
    else if (code === 0x90 || code === 0x98 || (code >= 0x9d && code <= 0x9f))
      this.state = 'string';
    else if (!suspicious.test(char)) return char;
    return '';
  }
}

function afterEscape(code: number): State {
  if (code === 0x5b) return 'csi'; // [
  if (code === 0x5d || code === 0x50 || code === 0x58 || code === 0x5e || code === 0x5f)
    return 'string'; // ] P X ^ _
  if (code === ESC || (code >= 0x20 && code <= 0x2f)) return 'escape';
  return 'text';
}

/** For a complete, separate piece of text. */
export function cleanForTerminal(text: string): string {
  return new TerminalText().clean(text);
}
