import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { clock } from '../../src/edge/clock.ts';
import { appendLine, unglued, wholeIn } from '../../src/system/append-line.ts';
import { appenderOf } from '../../src/system/append-together.ts';
import { files } from '../../src/system/files.ts';

const line = '{"v":1,"call":"b","cost":{"amount":"0.1"}}';
const other = '{"v":1,"call":"a","cost":{"amount":"0.2"}}';

/** What a reader of lines makes of it: unreadable and empty lines are skipped. */
function readable(text: string): string[] {
  return text.split('\n').filter((one) => {
    try {
      return JSON.parse(one) !== null;
    } catch {
      return false;
    }
  });
}

describe('appending a line', () => {
  let directory = '';
  const path = (): string => join(directory, 'ledger.jsonl');
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'alltoken-append-'));
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  test('a line stands on a line of its own, with nothing beside it', () => {
    appendLine(path(), other);
    appendLine(path(), line);
    expect(readFileSync(path(), 'utf8')).toBe(`${other}\n${line}\n`);
  });

  test('half a line that was there before is closed first', () => {
    writeFileSync(path(), `${other}\n${other.slice(0, 9)}`);
    appendLine(path(), line);
    expect(readFileSync(path(), 'utf8')).toBe(`${other}\n${other.slice(0, 9)}\n${line}\n`);
  });
});

const appendLineOften = appenderOf(clock);

describe('a file that stays open for many lines', () => {
  let directory = '';
  const path = (): string => join(directory, 'ledger.jsonl');
  const text = (): string => readFileSync(path(), 'utf8');
  const append = (words: string): Promise<void> => appendLineOften(path(), words, 'often');
  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'alltoken-append-'));
    await append(other);
  });
  afterEach(async () => {
    await files.remove(path());
    rmSync(directory, { recursive: true, force: true });
  });

  test('it is made for its owner alone, and has each line as soon as it is appended', async () => {
    expect(text()).toBe(`${other}\n`);
    if (process.platform !== 'win32') expect(statSync(path()).mode & 0o777).toBe(0o600);
    await append(line);
    expect(text()).toBe(`${other}\n${line}\n`);
  });

  test('lines of another process are between ours', async () => {
    appendFileSync(path(), 'theirs\n');
    await append(line);
    expect(text()).toBe(`${other}\ntheirs\n${line}\n`);
  });

  test('half a line that another process has left is closed first', async () => {
    appendFileSync(path(), other.slice(0, 9));
    await append(line);
    await append(line);
    expect(text()).toBe(`${other}\n${other.slice(0, 9)}\n${line}\n${line}\n`);
  });

  test('half a line that was cut off its end is closed first', async () => {
    truncateSync(path(), 9);
    await append(line);
    expect(text()).toBe(`${other.slice(0, 9)}\n${line}\n`);
  });

  test('lines of one moment keep their order, whatever their size', async () => {
    const lines = Array.from({ length: 50 }, (_, at) =>
      JSON.stringify({ at, text: 'é'.repeat(at * 700) }),
    );
    await Promise.all(lines.map(append));
    expect(text()).toBe([other, ...lines, ''].join('\n'));
  });

  test('lines of one moment that cannot be written are each an error, and a file that can be has its own', async () => {
    rmSync(directory, { recursive: true });
    const there = mkdtempSync(join(tmpdir(), 'alltoken-append-'));
    const one = join(there, 'a.jsonl');
    const ended = await Promise.allSettled([
      append(line),
      append(other),
      appendLineOften(one, line, 'often'),
    ]);
    expect(ended.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'fulfilled']);
    expect(readFileSync(one, 'utf8')).toBe(`${line}\n`);
    await files.remove(one);
    rmSync(there, { recursive: true });
  });

  test('one that was removed is made again', async () => {
    rmSync(path());
    await append(line);
    expect(text()).toBe(`${line}\n`);
  });

  test('a line goes into the file that has the name now', async () => {
    renameSync(path(), `${path()}.1`);
    writeFileSync(path(), 'new\n');
    await append(line);
    expect(text()).toBe(`new\n${line}\n`);
    expect(readFileSync(`${path()}.1`, 'utf8')).toBe(`${other}\n`);
  });

  test('a directory that is not there any more is an error, and no line is lost without one', async () => {
    rmSync(directory, { recursive: true });
    await expect(append(line)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test.runIf(process.platform === 'linux')('few stay open, however many there are', async () => {
    const isOpen = (): number => readdirSync('/proc/self/fd').length;
    const before = isOpen();
    const paths = Array.from({ length: 40 }, (_, at) => join(directory, `${at}.jsonl`));
    for (const one of paths) await appendLineOften(one, line, 'often');
    expect(isOpen() - before).toBeLessThanOrEqual(4);
    for (const one of paths) await files.remove(one);
    expect(isOpen() - before).toBeLessThanOrEqual(0);
  });
});

describe('half a line of another process between the look and the write', () => {
  /** All that the file holds since the look, before and after it was mended. */
  function mended(since: string): string {
    return since + (unglued(Buffer.from(since), [line])?.toString() ?? '');
  }

  test.each(Array.from({ length: other.length - 1 }, (_, index) => index + 1))(
    'of %i bytes: our line can be read once, and nothing else',
    (length) => {
      const since = `${other.slice(0, length)}${line}\n`;
      expect(readable(since)).toEqual([]);
      expect(readable(mended(since))).toEqual([line]);
    },
  );

  test('one that lacks only its newline is readable afterwards, too', () => {
    expect(readable(mended(`${other}${line}\n`))).toEqual([other, line]);
  });

  test.each([1, 20, other.length])(
    'several of our lines behind %i bytes: each can be read once',
    (length) => {
      const since = `${other.slice(0, length)}${line}\n${other}\n`;
      const again = unglued(Buffer.from(since), [line, other])?.toString() ?? '';
      const whole = length === other.length ? [other] : [];
      expect(readable(since + again).sort()).toEqual([...whole, line, other].sort());
    },
  );

  test('whole lines around it stay as they are', () => {
    const half = other.slice(0, 20);
    expect(readable(mended(`${other}\n${half}${line}\n${other}\n`))).toEqual([other, other, line]);
  });

  test.each([
    ['alone', `${line}\n`],
    ['behind a whole one', `${other}\n${line}\n`],
    ['before one', `${line}\n${other}\n`],
    ['before half a one', `${line}\n${other.slice(0, 9)}`],
    ['behind half a one that was closed', `${other.slice(0, 9)}\n${line}\n`],
    ['written again already', `${other.slice(0, 9)}${line}\n\n${line}\n`],
    ['not there, since the file is another one', `${other}\n`],
  ])('a line that is well is not written again: %s', (_, since) => {
    expect(unglued(Buffer.from(since), [line])).toBe(null);
  });

  test('letters of several bytes are no obstacle', () => {
    const wide = '{"text":"für 日本 🎉"}';
    const half = Buffer.from('{"text":"日').subarray(0, -1);
    const since = Buffer.concat([half, Buffer.from(`${wide}\n`)]);
    const again = unglued(since, [wide]);
    expect(readable(Buffer.concat([since, again ?? Buffer.alloc(0)]).toString())).toEqual([wide]);
  });
});

test.each([
  [-1, 0],
  [0, 0],
  [2, 0],
  [3, 1],
  [4, 1],
  [8, 1],
  [9, 2],
  [10, 2],
  [12, 3],
])('of lines of 3, 5 and 1 bytes %i bytes are written: %i are whole', (taken, whole) => {
  expect(wholeIn(['abc', 'dé1!', 'x'], taken)).toBe(whole);
});
