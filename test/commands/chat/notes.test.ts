import { describe, expect, test } from 'vitest';
import { answerWell, ask, errLines, secretKey, stream, whole, worldAt } from '../../helpers/ask.ts';
import { chunk, goodStream, startServer } from '../../helpers/server.ts';

describe('the usage line', () => {
  const lines: [string, string, string][] = [
    [
      'everything',
      goodStream(),
      '[usage] prompt=19 completion=12 total=31 model=gpt-5.4-mini cost=$0.0000188000 (gateway)',
    ],
    [
      'no cost',
      goodStream().replace(/^: .*$/m, ''),
      '[usage] prompt=19 completion=12 total=31 model=gpt-5.4-mini cost=unknown',
    ],
    [
      'no usage',
      chunk({ content: 'x' }, 'stop'),
      '[usage] prompt=unknown completion=unknown total=unknown model=gpt-5.4-mini cost=unknown',
    ],
    [
      'a cost of zero',
      goodStream('x', '0'),
      '[usage] prompt=19 completion=12 total=31 model=gpt-5.4-mini cost=$0 (gateway)',
    ],
    [
      'part of the usage',
      goodStream().replace(',"completion_tokens":12,"total_tokens":31}}', ',"total_tokens":null}}'),
      '[usage] prompt=19 completion=unknown total=unknown model=gpt-5.4-mini cost=$0.0000188000 (gateway)',
    ],
    [
      'no model',
      'data: {"choices":[{"delta":{"content":"x"},"finish_reason":"stop"}]}\n\n',
      '[usage] prompt=unknown completion=unknown total=unknown model=gpt-5.4-mini cost=unknown',
    ],
  ];
  test.each([40, 60, 80])(
    'ends between its fields on a terminal of %i columns',
    async (columns) => {
      const world = worldAt(await startServer(answerWell), { stderrIsTerminal: true, columns });
      expect(await world.run('chat', '--no-color', 'Hi')).toBe(0);
      const shown = errLines(world);
      expect(shown.length).toBeGreaterThan(1);
      for (const line of shown) expect(line.length).toBeLessThanOrEqual(columns);
      expect(shown.join(' ')).toBe(lines[0]?.[2]);
    },
  );

  test('is one line on a terminal that has room for it', async () => {
    const world = worldAt(await startServer(answerWell), { stderrIsTerminal: true, columns: 100 });
    expect(await world.run('chat', '--no-color', 'Hi')).toBe(0);
    expect(errLines(world)).toEqual([lines[0]?.[2]]);
  });

  test('a command in a hint stays in one line, for copying; what is said before it does not', async () => {
    const server = await startServer((response) => void response.writeHead(403).end('{}'));
    const world = worldAt(server, { stderrIsTerminal: true, columns: 30 });
    expect(await world.run('chat', '--no-color', 'Hi')).toBe(23);
    const shown = errLines(world);
    expect(shown.at(-1)).toMatch(/^hint: .* alltoken config doctor -g alltoken$/);
    expect(shown.length).toBeGreaterThan(2);
  });

  test.each(lines)('tells %s', async (_what, body, line) => {
    const { world } = await ask(stream(body));
    expect(world.err()).toBe(`${line}\n`);
  });

  test('stands below the error of an answer that broke off, when tokens were told', async () => {
    const usage =
      'data: {"choices":[],"usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3}}\n\n';
    const { world } = await ask(stream(chunk({ content: 'Once' }), usage));
    expect(errLines(world).filter((line) => line.startsWith('[usage] prompt=1 '))).toHaveLength(1);
  });
});

describe('the volume', () => {
  test('-q leaves nothing but the answer', async () => {
    const { world } = await ask(answerWell, ['-q', 'Hi']);
    expect(world.out()).toBe('Hello wörld\n');
    expect(world.err()).toBe('');
  });

  test('-v adds status, request id, timing and attempts', async () => {
    const { world } = await ask(answerWell, ['-v', 'Hi']);
    expect(world.err()).toMatch(/answered 200 request_id=req-1/);
    expect(world.err()).toMatch(
      /\[timing\] first_token=\d+ ms total=\d+ ms attempts=1 request_id=req-1/,
    );
    expect(world.err()).not.toContain('[debug]');
  });

  test('--debug shows request and reply, without the key', async () => {
    const { world } = await ask(answerWell, ['--debug', 'Hi']);
    expect(world.err()).toMatch(
      /\[debug\] > POST http:\/\/127\.0\.0\.1:\d+\/v1\/chat\/completions/,
    );
    expect(world.err()).toContain('authorization: Bearer ***');
    expect(world.err()).toContain('"messages":[{"role":"user","content":"Hi"}]');
    expect(world.err()).toContain('[debug] < data: [DONE]');
    expect(world.err()).toContain('[debug] < : {"cost":"0.0000188000"');
  });

  test('--debug hides a key that the gateway repeats', async () => {
    const server = await startServer(
      stream(`: ${secretKey}\n\n`, goodStream(`It is ${secretKey}`)),
    );
    const world = worldAt(server);
    expect(await world.run('chat', '--debug', 'Hi')).toBe(0);
    expect(world.err()).toContain('[debug] < : ***');
    expect(world.err()).not.toContain(secretKey);
  });

  test('--debug shortens inline files', async () => {
    const { world, server } = await ask(answerWell, ['--debug', '-f', '-', 'Hi'], {
      stdin: Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), Buffer.alloc(3000, 7)]),
    });
    expect(server.requests[0]?.body).toContain('BwcHBwcH');
    expect(world.err()).not.toContain('BwcHBwcH');
    expect(world.err()).toMatch(/data:image\/png;base64,… \(\d+ characters\)/);
  });

  test.each([
    [
      'an HTML page',
      whole(200, 'text/html', '<html><p>Please sign in</p></html>'),
      'Please sign in',
    ],
    [
      'a JSON error',
      whole(400, 'application/json', '{"error":{"message":"bad","param":"top_p"}}'),
      '"param":"top_p"',
    ],
    ['an answer in one piece', whole(200, 'application/json', '{"choices":[],"odd":1}'), '"odd":1'],
  ])('--debug shows what came in place of a stream: %s', async (_what, reply, part) => {
    const { world } = await ask(reply, ['--debug', 'Hi']);
    expect(
      errLines(world)
        .filter((line) => line.startsWith('[debug] <'))
        .join('\n'),
    ).toContain(part);
  });

  test('-q wins over -v and --debug', async () => {
    const { world } = await ask(answerWell, ['-q', '-v', '--debug', 'Hi']);
    expect(world.err()).toBe('');
  });
});

describe('colour', () => {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colour is a control sequence
  const colour = /\u001b\[\d+m/;

  test('is on stderr when that is a terminal', async () => {
    const { world } = await ask(answerWell, ['Hi'], { stderrIsTerminal: true });
    expect(world.err()).toMatch(colour);
    expect(world.out()).not.toMatch(colour);
  });

  test.each([
    ['--no-color', ['--no-color'], {}, true],
    ['NO_COLOR', [], { NO_COLOR: '1' }, true],
    ['TERM=dumb', [], { TERM: 'dumb' }, true],
    ['a pipe', [], {}, false],
  ])('is off with %s', async (_what, flags, env, stderrIsTerminal) => {
    const { world } = await ask(answerWell, [...flags, 'Hi'], { env, stderrIsTerminal });
    expect(world.err()).toMatch(/^\[usage\]/);
    const failed = await ask(answerWell, [...flags], { env, stderrIsTerminal });
    expect(failed.world.err()).toMatch(/^alltoken: no prompt/);
    const mistaken = await ask(answerWell, ['--nope', ...flags], { env, stderrIsTerminal });
    expect(mistaken.world.err()).toMatch(/^alltoken: unknown option/);
  });

  test('stays on with an empty NO_COLOR', async () => {
    const { world } = await ask(answerWell, ['Hi'], {
      env: { NO_COLOR: '' },
      stderrIsTerminal: true,
    });
    expect(world.err()).toMatch(colour);
  });
});
