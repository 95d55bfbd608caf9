import { describe, expect, test } from 'vitest';
import { type Key, KeyReader, MAX_PASTE } from '../../../src/frontends/conversation/keys.ts';
import { fakeClock } from '../../helpers/fake-clock.ts';

const ESC = '\u001b';
const text = (words: string): Key => ({ type: 'text', text: words });
const key = (sequence: string): Key => ({ type: 'key', sequence });
const pasted = (words: string): Key => ({ type: 'paste', text: words });

function reader() {
  const keys: Key[] = [];
  const clock = fakeClock({ timers: 'by hand' });
  const read = new KeyReader((one) => keys.push(one), clock);
  return {
    keys,
    clock,
    feed: (...chunks: (string | Uint8Array)[]) => {
      for (const chunk of chunks) read.feed(Buffer.from(chunk as string));
    },
  };
}

function keysOf(...chunks: (string | Uint8Array)[]): Key[] {
  const { keys, feed } = reader();
  feed(...chunks);
  return keys;
}

/** Neighbours of text as one. */
function joined(keys: readonly Key[]): Key[] {
  const found: Key[] = [];
  for (const one of keys) {
    const last = found.at(-1);
    if (one.type === 'text' && last?.type === 'text')
      found.splice(-1, 1, text(last.text + one.text));
    else found.push(one);
  }
  return found;
}

describe('keys', () => {
  test('text, control characters and sequences', () => {
    expect(keysOf('ab\u0001', `${ESC}[A`, `${ESC}[1;5C`, `${ESC}OP`, `${ESC}b`, '\r')).toEqual([
      text('ab'),
      key('\u0001'),
      key(`${ESC}[A`),
      key(`${ESC}[1;5C`),
      key(`${ESC}OP`),
      key(`${ESC}b`),
      key('\r'),
    ]);
  });

  const stream = `日本${ESC}[200~one\r\ntwo 👍 ${ESC}[201 ${ESC}[2010~\rthree${ESC}[201~${ESC}[Dé\r`;
  const wanted = [
    text('日本'),
    pasted(`one\ntwo 👍 ${ESC}[201 ${ESC}[2010~\nthree`),
    key(`${ESC}[D`),
    text('é'),
    key('\r'),
  ];

  test('are the same wherever their bytes are cut', () => {
    const bytes = Buffer.from(stream);
    for (let at = 1; at < bytes.length; at += 1)
      expect(joined(keysOf(bytes.subarray(0, at), bytes.subarray(at))), `cut at ${at}`).toEqual(
        wanted,
      );
    expect(joined(keysOf(...Array.from(bytes, (byte) => Uint8Array.of(byte))))).toEqual(wanted);
  });

  test('several lines at once are a paste where no marker tells it; a line and Enter are not', () => {
    expect(keysOf('one\r\n\ttwo\r\n')).toEqual([pasted('one\n\ttwo\n')]);
    expect(keysOf('one\r')).toEqual([text('one'), key('\r')]);
    expect(keysOf('one\r\u0003')).toEqual([text('one'), key('\r'), key('\u0003')]);
  });

  test('a tab between characters is text, alone it is the key', () => {
    expect(keysOf('a\tb', '/mo\t')).toEqual([text('a\tb'), text('/mo'), key('\t')]);
  });

  test('replies of the terminal and late ends of a paste are nothing', () => {
    expect(keysOf(`${ESC}]11;rgb:0000/0000/0000${ESC}\\a`, `${ESC}[201~b`)).toEqual([
      text('a'),
      text('b'),
    ]);
  });

  test('an Escape alone does not change the key after it', async () => {
    const { keys, clock, feed } = reader();
    feed(ESC);
    await clock.pass(500);
    feed('d');
    expect(keys).toEqual([text('d')]);
  });

  test('a paste without an end is shown when it falls silent, and Enter ends it without sending', async () => {
    const { keys, clock, feed } = reader();
    feed(`${ESC}[200~one\rtwo`);
    expect(keys).toEqual([]);
    await clock.pass(2000);
    expect(keys).toEqual([pasted('one\ntwo')]);
    feed('\r');
    expect(keys).toHaveLength(1);
    feed('\r');
    expect(keys[1]).toEqual(key('\r'));
  });

  test('the rest of a slow paste is still the paste', async () => {
    const { keys, clock, feed } = reader();
    feed(`${ESC}[200~one\r`);
    await clock.pass(2000);
    feed(`two\rthree\r${ESC}[201~`, 'x');
    expect(keys).toEqual([pasted('one\n'), pasted('two\nthree\n'), text('x')]);
  });

  test('a paste has a bound', () => {
    const part = 'x'.repeat(1024 * 1024);
    const chunks = Array.from({ length: MAX_PASTE / part.length + 1 }, () => part);
    expect(keysOf(`${ESC}[200~`, ...chunks, `${ESC}[201~`, 'y')).toEqual([
      { type: 'paste too long' },
      text('y'),
    ]);
  });
});
