import { spawnSync } from 'node:child_process';
import { closeSync, constants, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { files, readerOf } from '../../src/system/files.ts';
import { chat, worldAt } from '../helpers/ask.ts';
import { start, temporaryFolder } from '../helpers/executable.ts';
import { chunk, pause, startServer } from '../helpers/server.ts';
import { isTurnOf } from '../helpers/share.ts';

describe('T4: an answer without an end', () => {
  const answers: [string, Record<string, unknown>, number, string][] = [
    ['reasoning', { reasoning_content: 'r'.repeat(1_000_000) }, 40, 'partial'],
    ['text', { content: 't'.repeat(1_000_000) }, 40, 'partial'],
    [
      'tool arguments',
      { tool_calls: [{ index: 0, id: 'a', function: { name: 'f', arguments: ' '.repeat(1e6) } }] },
      41,
      'protocol',
    ],
  ];
  test.each(answers.filter((_, index) => isTurnOf(index, 3)))(
    '%s: is let go of, and said to be too large',
    async (_, delta, code, name) => {
      let sent = 0;
      const server = await startServer((response) => {
        const event = chunk(delta);
        const more = (): void => {
          sent += 1;
          if (!response.destroyed) response.write(event, () => setImmediate(more));
        };
        more();
      });
      const world = worldAt(server);
      expect(await chat(world, '--json', 'Hi')).toBe(code);
      expect(world.json()).toMatchObject({ ok: false, error: { name, code: 'too_large' } });
      expect(sent).toBeLessThan(100);
    },
  );
});

function fifo(): string {
  const path = join(temporaryFolder(), 'pipe');
  spawnSync('mkfifo', ['-m', '600', path]);
  return path;
}

describe.skipIf(process.platform === 'win32')('T5: a pipe in place of a file', () => {
  test('is neither read from any place nor appended to', async () => {
    await expect(files.openToRead(fifo())).rejects.toMatchObject({ code: 'EFTYPE' });
    await expect(files.appendLine(fifo(), 'x')).rejects.toMatchObject({ code: 'EFTYPE' });
    await expect(files.openToRead('/dev/zero')).rejects.toMatchObject({ code: 'EFTYPE' });
  });

  test('is read whole only by who can be stopped', async () => {
    await expect(files.read(fifo(), 1000)).rejects.toMatchObject({ code: 'EFTYPE' });
    const path = fifo();
    const stop = new AbortController();
    const reading = files.read(path, 1000, stop.signal);
    stop.abort(new Error('stop'));
    await expect(reading).rejects.toThrow('stop');
  });

  test('without a writer is given up; one that comes late is read whole', async () => {
    const signal = new AbortController().signal;
    const clock = { sleep: () => new Promise<void>((resolve) => setImmediate(resolve)) };
    await expect(readerOf(clock)(fifo(), 1000, signal)).rejects.toMatchObject({ code: 'ENXIO' });
    const path = fifo();
    const reading = readerOf({ sleep: () => pause(5) })(path, 1000, signal);
    const writer = await openedByReader(path);
    writeSync(writer, 'one ');
    await pause(30);
    writeSync(writer, 'two');
    closeSync(writer);
    expect(Buffer.from(await reading).toString()).toBe('one two');
  });

  test.each([
    [['chat', '-f']],
    [['chat', '--schema']],
    [['chat', '-s']],
    [['image', '--image']],
    [['video', '--first-frame']],
  ])('in place of the file of %j: --timeout ends it, and the process', async (flag) => {
    const path = flag.includes('-s') ? `@${fifo()}` : fifo();
    const argv = [...flag, path, '-g', 'sandbox', '--timeout', '0.3', 'hi'];
    const ended = await start(argv, { home: temporaryFolder() }).done;
    expect(ended).toMatchObject({ code: 33 });
    expect(ended.stderr).toContain('before the request was sent');
    expect(ended.stderr).toContain('allow more with --timeout; nothing was bought');
  });

  test('that holds the key and says nothing: --timeout ends it', async () => {
    const home = temporaryFolder();
    const mine = { kind: 'openai', base_url: 'http://127.0.0.1:9/v1', api_key_file: fifo() };
    writeFileSync(join(home, 'config.json'), JSON.stringify({ gateways: { mine } }), {
      mode: 0o600,
    });
    const argv = ['chat', '-g', 'mine', '-m', 'm', '--timeout', '0.3', '--no-stdin', 'hi'];
    expect(await start(argv, { home }).done).toMatchObject({ code: 33 });
  });

  test('that hands over what another program writes is read', async () => {
    const within = ['bash', '-c', '"$@" <(sleep 0.3; echo from afar)', 'bash'];
    const ended = await start(['chat', '-g', 'sandbox', '--no-stdin', 'hi', '-f'], { within }).done;
    expect(ended).toMatchObject({ code: 0 });
    expect(ended.stdout).toContain('from afar');
  });

  test.each(['SIGINT', 'SIGTERM'] as const)(
    'that holds the key and says nothing: %s ends it',
    async (signal) => {
      const home = temporaryFolder();
      const key = fifo();
      const mine = { kind: 'openai', base_url: 'http://127.0.0.1:9/v1', api_key_file: key };
      writeFileSync(join(home, 'config.json'), JSON.stringify({ gateways: { mine } }), {
        mode: 0o600,
      });
      const argv = ['chat', '-g', 'mine', '-m', 'm', '--no-stdin', 'hi'];
      const { child, done } = start(argv, { home });
      const writer = await openedByReader(key);
      child.kill(signal);
      expect(await done).toMatchObject({ signal });
      closeSync(writer);
    },
  );
});

/** The pipe, open to write, once somebody reads it. */
async function openedByReader(path: string): Promise<number> {
  for (;;)
    try {
      return openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
    } catch {
      await pause(10);
    }
}
