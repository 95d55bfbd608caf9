/**
 * Server-sent events: bytes in, events and comments out. Pure: no I/O, no timers, no JSON parser, no opinion about `[DONE]`.
 *
 * Ours and not a library's for three reasons, measured in `bench/`: the cost of a call comes in a comment after the
 * last event, often without a line end, so comments and an unfinished last line must come out; a line that ends in a
 * lone CR must come out at once; and a long answer spends its time here.
 */

export interface SseEvent {
  /** The `event:` field; '' when the event has none. */
  event: string;
  /** The `data:` lines, joined by LF. */
  data: string;
  /** false when the stream ended before the blank line that closes an event: it may be cut. */
  complete: boolean;
}

export interface SseHandlers {
  onEvent(event: SseEvent): void;
  /** Text after the colon, one leading space removed. */
  onComment(text: string): void;
  /** A line that is no field but begins as a JSON object does: some servers leave out `data:`. true: it was one, and is read. */
  onBareLine?(line: string, complete: boolean): boolean;
  /**
   * A blank line: what follows is a new event. `end`: how many bytes of the stream it and all before it took, so that
   * one can pass on the bytes of some events and not of others. Costs a search a line, where it is given.
   */
  onBlock?(end: number): void;
  /** Lines that are no field of ours, up to the next blank line, joined by LF and whole: `error: {…}`, JSON over several lines. */
  onOther?(text: string): void;
}

export interface SseReader {
  /** Takes the next bytes, cut anywhere. Throws `SseTooLarge`. */
  push(bytes: Uint8Array): void;
  /** The stream is over: an unfinished last line and event still count. */
  end(): void;
}

/** One event above the limit: the only thing this reader refuses. */
export class SseTooLarge extends Error {
  constructor(limit: number) {
    super(`one event of the stream is larger than ${limit} characters`);
    this.name = 'SseTooLarge';
  }
}

/** Bytes decoded at a time. */
const WINDOW = 8192;
/** Of lines that are no field, in UTF-16 units: more is no error message. */
const MAX_OTHER = 64 * 1024;
const LF = 10;
const CR = 13;
const SPACE = 32;
const COLON = 58;
const BRACE = 123;
const BOM = 0xfeff;

/** `maxEventLength` bounds one event, and so the memory, in UTF-16 units. */
export function createSseReader(handlers: SseHandlers, maxEventLength: number): SseReader {
  // Decodes across chunk borders, drops a leading BOM, and turns bad bytes into U+FFFD.
  const decoder = new TextDecoder();
  let unfinished = ''; // the line that the last chunk cut; V8 keeps the pieces as a rope, so this stays linear
  let previousEndedInCr = false; // an LF that follows belongs to that line end
  let event = '';
  let data = '';
  let hasData = false;
  let other = '';
  // For `onBlock`. In UTF-8 a line end is a byte of its own, and is in no other character, so each one of the text is
  // the next one of the bytes, whatever the decoder made of those between.
  let bytesNow: Uint8Array = new Uint8Array();
  let bytesRead = 0; // of bytesNow
  let bytesBefore = 0;

  function dispatch(complete: boolean): void {
    if (hasData) handlers.onEvent({ event, data, complete });
    if (other !== '') {
      handlers.onOther?.(other);
      other = '';
    }
    event = '';
    data = '';
    hasData = false;
  }

  function addData(value: string): void {
    const joint = hasData ? 1 : 0;
    if (data.length + joint + value.length > maxEventLength) throw new SseTooLarge(maxEventLength);
    data = hasData ? `${data}\n${value}` : value;
    hasData = true;
  }

  function addOther(line: string): void {
    if (other.length + line.length < MAX_OTHER) other += other === '' ? line : `\n${line}`;
  }

  function readLine(line: string, complete = true): void {
    if (line.length === 0) {
      dispatch(true);
      handlers.onBlock?.(bytesBefore + bytesRead);
    } else if (line.startsWith('data:')) addData(line.slice(line.charCodeAt(5) === SPACE ? 6 : 5));
    else if (line.charCodeAt(0) === COLON)
      handlers.onComment(line.slice(line.charCodeAt(1) === SPACE ? 2 : 1));
    else if (line.startsWith('event:')) event = line.slice(line.charCodeAt(6) === SPACE ? 7 : 6);
    else if (line === 'data') addData('');
    else if (line === 'event') event = '';
    // id and retry mean nothing to us: we never reconnect.
    else if (line.startsWith('id') || line.startsWith('retry')) return;
    // Each part of a stream that was written by a writer of its own may begin with one.
    else if (line.charCodeAt(0) === BOM) readLine(line.replace(/^\ufeff+/, ''), complete);
    else if (line.charCodeAt(0) !== BRACE || !handlers.onBareLine?.(line, complete)) addOther(line);
  }

  function readText(text: string): void {
    let start = 0;
    if (previousEndedInCr && text.length > 0) {
      if (text.charCodeAt(0) === LF) {
        start = 1;
        bytesRead += 1;
      }
      previousEndedInCr = false;
    }
    // Each is searched again only when passed, or a stream with one kind of line end would be quadratic.
    let lf = text.indexOf('\n', start);
    let cr = text.indexOf('\r', start);
    while (lf !== -1 || cr !== -1) {
      const endsInCr = cr !== -1 && (lf === -1 || cr < lf);
      const end = endsInCr ? cr : lf;
      const line = text.slice(start, end);
      const isPair = endsInCr && text.charCodeAt(end + 1) === LF;
      if (handlers.onBlock !== undefined)
        bytesRead = bytesNow.indexOf(endsInCr ? CR : LF, bytesRead) + (isPair ? 2 : 1);
      if (unfinished === '') readLine(line);
      else {
        const whole = unfinished + line;
        unfinished = '';
        readLine(whole);
      }
      start = end + (isPair ? 2 : 1);
      if (endsInCr) {
        if (end + 1 === text.length) previousEndedInCr = true;
        cr = text.indexOf('\r', start);
      }
      if (lf !== -1 && lf < start) lf = text.indexOf('\n', start);
    }
    if (start < text.length) {
      unfinished += text.slice(start);
      // The name of the field is not part of the event.
      if (data.length + unfinished.length > maxEventLength + 'data: '.length)
        throw new SseTooLarge(maxEventLength);
    }
  }

  return {
    push(bytes) {
      // In small windows: what is alive when the garbage collector comes decides how large V8 makes the heap.
      for (let at = 0; at < bytes.length; at += WINDOW) {
        bytesNow = bytes.subarray(at, at + WINDOW);
        bytesRead = 0;
        readText(decoder.decode(bytesNow, { stream: true }));
        bytesBefore += bytesNow.length;
      }
    },
    end() {
      readText(decoder.decode());
      if (unfinished !== '') {
        const last = unfinished;
        unfinished = '';
        readLine(last, false);
      }
      dispatch(false);
    },
  };
}
