import { describe, expect, test } from 'vitest';
import { SseTooLarge } from '../../src/transport/sse.ts';
import { byteByByte, comment, cut, event, fixture, open, read, type Said } from './sse-log.ts';

const LIMIT = 100;

describe('the SSE reader', () => {
  test('gives text, usage and cost of a chat stream as the gateway sent them', () => {
    const said = read([fixture('alltoken/chat.sse')]);
    const texts = said.flatMap((one) => ('data' in one && one.data !== '[DONE]' ? [one.data] : []));
    const chunks = texts.map(
      (text) => JSON.parse(text) as { choices: { delta: { content?: string } }[]; usage: unknown },
    );
    expect(chunks.map((one) => one.choices[0]?.delta.content ?? '').join('')).toBe(
      'Hi 👋🏽 wörld: 你好\n',
    );
    expect(chunks.at(-1)?.usage).toEqual({
      prompt_tokens: 19,
      completion_tokens: 12,
      total_tokens: 31,
    });
    expect(said.slice(-2)).toEqual([
      event('[DONE]'),
      comment(
        '{"cost":"0.0000188000","input_price":"0.0002000000","output_price":"0.0012500000","prompt_tokens":19,"completion_tokens":12}',
      ),
    ]);
  });

  test('hands out an event as soon as its blank line ends, also by a lone CR', () => {
    for (const end of ['\n\n', '\r\n\r', '\r\r', '\n\r']) {
      const log: Said[] = [];
      open(log).push(Buffer.from(`data: a${end}`));
      expect(log).toEqual([event('a')]);
    }
  });

  test('takes an LF after a CR for the same line end, even chunks later', () => {
    const log: Said[] = [];
    const reader = open(log);
    for (const piece of ['data: a\r', '', '\ndata: b\r', '\n', '\r', '\n'])
      reader.push(Buffer.from(piece));
    expect(log).toEqual([event('a\nb')]);
  });

  test('hands out a comment at its line end, before the event around it', () => {
    const log: Said[] = [];
    const reader = open(log);
    reader.push(Buffer.from('data: a\n: now\n'));
    expect(log).toEqual([comment('now')]);
    reader.push(Buffer.from('\n'));
    expect(log).toEqual([comment('now'), event('a')]);
  });

  test('reads bad UTF-8 as replacement characters and goes on', () => {
    const bad = Buffer.concat([
      Buffer.from('data: a'),
      Buffer.from([0xff, 0xf0, 0x9f]),
      Buffer.from('b\n\ndata: c\n\n'),
    ]);
    expect(read([bad])).toEqual([event('a\ufffd\ufffdb'), event('c')]);
    expect(read(byteByByte(bad))).toEqual([event('a\ufffd\ufffdb'), event('c')]);
  });
});

describe('the size limit of one event', () => {
  const fits = [
    ['with a space', `data: ${'x'.repeat(LIMIT)}\n\n`],
    ['without a space', `data:${'x'.repeat(LIMIT)}\n\n`],
    ['on many lines', `${'data: xxx\n'.repeat(LIMIT / 4)}data:\n\n`],
    ['named', `event: message\ndata: ${'x'.repeat(LIMIT)}\r\n\r\n`],
  ] as const;

  test.each(fits)('lets pass what just fits, however it is cut: %s', (_, text) => {
    const bytes = Buffer.from(text);
    expect(sizes(read([bytes], LIMIT))).toEqual([LIMIT]);
    for (let at = 0; at <= bytes.length; at += 1)
      expect(sizes(read(cut(bytes, at), LIMIT)), `cut at ${at}`).toEqual([LIMIT]);
    expect(sizes(read(byteByByte(bytes), LIMIT))).toEqual([LIMIT]);
  });

  const tooLarge = [
    ['with a space', `data: ${'x'.repeat(LIMIT + 1)}\n\n`],
    ['without a space', `data:${'x'.repeat(LIMIT + 1)}\n\n`],
    ['on two lines', `data: x\ndata: ${'x'.repeat(LIMIT - 1)}\n\n`],
    ['on many lines', `${'data: xxx\n'.repeat(LIMIT / 4)}data: x\n\n`],
    ['on many empty lines', `${'data\n'.repeat(LIMIT + 2)}\n`],
  ] as const;

  test.each(tooLarge)('refuses one character more, however it is cut: %s', (_, text) => {
    const bytes = Buffer.from(text);
    expect(() => read([bytes], LIMIT)).toThrow(SseTooLarge);
    for (let at = 0; at <= bytes.length; at += 1)
      expect(() => read(cut(bytes, at), LIMIT), `cut at ${at}`).toThrow(SseTooLarge);
    expect(() => read(byteByByte(bytes), LIMIT)).toThrow(SseTooLarge);
  });

  test('counts each event by itself', () => {
    const text = `data: ${'x'.repeat(LIMIT)}\n\n`.repeat(5);
    expect(sizes(read([Buffer.from(text)], LIMIT))).toEqual(Array(5).fill(LIMIT));
  });

  test('refuses a line that never ends before its end is seen, whatever it begins with', () => {
    for (const begin of [':', 'data:', 'id:', 'x'])
      expect(() => open([], LIMIT).push(Buffer.from(begin + 'x'.repeat(10 * LIMIT)))).toThrow(
        SseTooLarge,
      );
  });

  test('names the limit', () => {
    expect(() => read([Buffer.from(`data: ${'x'.repeat(200)}\n`)], LIMIT)).toThrow(
      /larger than 100/,
    );
  });
});

describe('in linear time', () => {
  test('reads one line of 7 MB in pieces of 1 KB', () => {
    const piece = Buffer.alloc(1024, 'x');
    const pieces = [Buffer.from('data: '), ...Array(7 * 1024).fill(piece), Buffer.from('\n\n')];
    expect(sizes(read(pieces))).toEqual([7 * 1024 * 1024]);
  });

  test('reads many answers in one piece as it reads them one by one', () => {
    for (const end of ['\n', '\r\n']) {
      const once = Buffer.from(fixture('alltoken/chat.sse').toString().replaceAll('\n', end));
      const many = read([Buffer.concat(Array(300).fill(once))]);
      expect(many).toEqual(
        Array(300)
          .fill(read([once]))
          .flat(),
      );
    }
  });

  test('reads a million data lines of one event', () => {
    const lines = Buffer.from(`${'data: xyz\n'.repeat(1_000_000)}\n`);
    expect(sizes(read([lines]))).toEqual([3_999_999]);
  });

  test.each(['\n', '\r', '\r\n'])('reads 4 MB of short events with the line end %j', (end) => {
    const text = `data: x${end}${end}`.repeat(400_000);
    expect(read([Buffer.from(text)])).toHaveLength(400_000);
  });

  test('reads a megabyte byte by byte', () => {
    expect(sizes(read(byteByByte(Buffer.from(`data: ${'x'.repeat(1 << 20)}\n\n`))))).toEqual([
      1 << 20,
    ]);
  });
});

function sizes(said: Said[]): number[] {
  return said.map((one) => ('data' in one ? one.data.length : -1));
}
