import { appendFileSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  answerWell,
  ask,
  chat,
  envelope,
  errLines,
  filesBelow,
  type Reply,
  stream,
  worldAt,
} from '../../helpers/ask.ts';
import { failingFiles } from '../../helpers/image-faults.ts';
import { chunk, pause, startServer } from '../../helpers/server.ts';

const march = () => Date.parse('2027-03-31T23:59:59.999Z');

function failing(code: string): () => Promise<void> {
  return async () => {
    throw Object.assign(new Error(code), { code });
  };
}

describe('the ledger', () => {
  test('gets an intent before the request and an outcome after it', async () => {
    const { world } = await ask(answerWell);
    const [intent, outcome] = world.ledger();
    expect(intent).toEqual({
      v: 1,
      event: 'intent',
      mark: 'this',
      space: '',
      call: expect.stringMatching(/^[0-9a-f-]{36}$/),
      at: '2026-11-22T12:00:00.000Z',
      pid: 4711,
      command: 'chat',
      gateway: 'alltoken',
      model: 'gpt-5.4-mini',
      session: null,
      tags: [],
    });
    expect(outcome).toEqual({
      v: 1,
      event: 'outcome',
      call: intent?.call,
      at: '2026-11-22T12:00:00.000Z',
      command: 'chat',
      gateway: 'alltoken',
      model: 'gpt-5.4-mini',
      requested_model: 'gpt-5.4-mini',
      session: null,
      tags: [],
      request_id: 'req-1',
      exit: 0,
      billed: 'yes',
      attempts: 1,
      usage: { prompt_tokens: 19, completion_tokens: 12, total_tokens: 31 },
      cost: { amount: '0.0000188000', currency: 'USD', source: 'gateway' },
      duration_ms: expect.any(Number),
      first_token_ms: expect.any(Number),
    });
  });

  test('says how long it took, to the first word and to the end', async () => {
    const { world } = await ask(async (response) => {
      await pause(60);
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(chunk({ content: 'one' }));
      await pause(60);
      response.end(`${chunk({}, 'stop')}data: [DONE]\n\n`);
    });
    const { duration_ms: duration, first_token_ms: first } = world.ledger()[1] as {
      duration_ms: number;
      first_token_ms: number;
    };
    expect(first).toBeGreaterThanOrEqual(60);
    expect(duration - first).toBeGreaterThanOrEqual(55);
  });

  test('has no time to the first word where none came', async () => {
    const { world } = await ask(envelope(400, 'invalid_request'));
    expect(world.ledger()[1]).toMatchObject({ first_token_ms: null });
  });

  test('calls it what --tag and ALLTOKEN_TAG say, each name once', async () => {
    const argv = ['--tag', 'nightly', '--tag', 'ci', 'Hi'];
    const { world } = await ask(answerWell, argv, { env: { ALLTOKEN_TAG: 'ci, team-a' } });
    const tags = ['nightly', 'ci', 'team-a'];
    expect(world.ledger()).toMatchObject([{ tags }, { tags }]);
  });

  test.each([
    ['a name that is none', ['--tag', 'no blanks', 'Hi'], {}, /--tag/],
    [
      'too many',
      [...Array.from({ length: 17 }, (_, i) => ['--tag', `t${i}`]).flat(), 'Hi'],
      {},
      /16/,
    ],
    ['a bad name in the environment', ['Hi'], { ALLTOKEN_TAG: 'ok,a b' }, /ALLTOKEN_TAG: "a b"/],
  ])('refuses %s before anything is sent', async (_what, argv, env, words) => {
    const { code, world, server } = await ask(answerWell, argv, { env });
    expect(code).toBe(2);
    expect(world.err()).toMatch(words);
    expect(server.requests).toEqual([]);
  });

  test('has the intent on disk before the request arrives', async () => {
    let seen: unknown[] = [];
    const server = await startServer((response, request, count) => {
      seen = world.ledger();
      return answerWell(response, request, count);
    });
    const world = worldAt(server);
    expect(await chat(world, 'Hi')).toBe(0);
    expect(seen).toMatchObject([{ event: 'intent' }]);
  });

  test('holds no word of the prompt, the instructions or the answer', async () => {
    const { world } = await ask(answerWell, ['-s', 'Be a zebra', 'Tell me of giraffes']);
    const text = JSON.stringify(world.ledger());
    for (const word of ['zebra', 'giraffes', 'Hello']) expect(text).not.toContain(word);
  });

  test('is one file a month, by UTC', async () => {
    const server = await startServer(answerWell);
    const world = worldAt(server);
    expect(await chat(world, 'Hi')).toBe(0);
    world.deps.clock.now = march;
    expect(await chat(world, 'Hi')).toBe(0);
    const names = Object.keys(filesBelow(join(world.home, 'ledger'))).sort();
    expect(names).toEqual(['2026-11.jsonl', '2027-03.jsonl']);
    expect(world.ledger()).toHaveLength(4);
  });

  test('goes on below a torn line', async () => {
    const server = await startServer(answerWell);
    const world = worldAt(server);
    mkdirSync(join(world.home, 'ledger'));
    const file = join(world.home, 'ledger', '2026-11.jsonl');
    appendFileSync(file, '{"v":1,"event":"int');
    expect(await chat(world, 'Hi')).toBe(0);
    const [torn, ...lines] = readFileSync(file, 'utf8').trimEnd().split('\n');
    expect(torn).toBe('{"v":1,"event":"int');
    expect(lines.map((line) => (JSON.parse(line) as { event: string }).event)).toEqual([
      'intent',
      'outcome',
    ]);
  });

  test.each(['EACCES', 'EROFS', 'ENOSPC'])(
    'that cannot be written (%s) costs one warning, not the answer',
    async (code) => {
      const files = { appendLine: failing(code), makeDirectory: failing(code) };
      const { code: exit, world } = await ask(answerWell, ['Hi'], { files });
      expect(exit).toBe(0);
      expect(world.out()).toBe('Hello wörld\n');
      const warnings = errLines(world).filter((line) => line.startsWith('warning: '));
      expect(warnings).toHaveLength(1);
      expect(warnings[0]).toMatch(new RegExp(`the ledger in .* cannot be written \\(${code}\\)`));
    },
  );

  test.each([[[]], [['--json']], [['--jsonl']]])(
    'that cannot be written is said with -q, too, and as a fact of its own %j',
    async (format) => {
      const files = { appendLine: failing('EACCES'), makeDirectory: failing('EACCES') };
      const { code, world } = await ask(answerWell, ['-q', ...format, 'Hi'], { files });
      expect(code).toBe(0);
      expect(errLines(world)).toEqual([expect.stringMatching(/^warning: the ledger .*\(EACCES\)/)]);
      if (format[0] !== '--jsonl') return;
      const events = world
        .out()
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as object);
      expect(events).toContainEqual(expect.objectContaining({ type: 'warning', lost: 'ledger' }));
    },
  );

  test('-q hides a warning by which nothing is lost', async () => {
    const odd = `${chunk({ content: 'Hi' })}${chunk({}, 'odd_reason')}data: [DONE]\n\n`;
    expect((await ask(stream(odd), ['Hi'])).world.err()).toContain('odd_reason');
    expect((await ask(stream(odd), ['-q', 'Hi'])).world.err()).toBe('');
  });

  test.each([
    ['text', []],
    ['--json', ['--json']],
  ])(
    'that takes the intent and not the outcome: the answer comes, and it is said (%s)',
    async (_what, format) => {
      let isFull = false;
      const answering: Reply = (...all) => {
        isFull = true;
        return answerWell(...all);
      };
      const files = failingFiles('ENOSPC', ({ name }) => isFull && name === 'appendLine');
      const { code, world } = await ask(answering, [...format, 'Hi'], { files });
      expect(code).toBe(0);
      const words = /the ledger in .*\(ENOSPC\); the outcome of this call is not in it/;
      if (format.length === 0) expect(errLines(world)[0]).toMatch(words);
      else expect(world.json().warnings).toEqual([expect.stringMatching(words)]);
      expect(world.ledger()).toMatchObject([{ event: 'intent' }]);
    },
  );

  test.each([
    ['ENOSPC', []],
    ['EPIPE', []],
    ['ENOSPC', ['--json']],
    ['EPIPE', ['--json']],
  ])(
    'that fails with stdout (%s, %j): what is not in it is said all the same, once',
    async (code, format) => {
      let isFull = false;
      const answering: Reply = (...all) => {
        isFull = true;
        return answerWell(...all);
      };
      const files = failingFiles('ENOSPC', ({ name }) => isFull && name === 'appendLine');
      const stdoutError = { code, at: 1 };
      const { world } = await ask(answering, ['Hi', ...format], { files, stdoutError });
      expect(world.err().match(/^warning: the ledger .*\(ENOSPC\)/gm)).toHaveLength(1);
    },
  );

  test('whose directory cannot be made costs one warning, and it is in the document', async () => {
    const files = { makeDirectory: failing('EROFS') };
    const { code, world } = await ask(answerWell, ['--json', 'Hi'], { files });
    expect(code).toBe(0);
    expect(world.json()).toMatchObject({ text: 'Hello wörld' });
    expect(world.json().warnings).toEqual([expect.stringMatching(/ledger.*EROFS/)]);
  });

  test('has no line of a dry run, nor of the mistakes that sent nothing', async () => {
    for (const argv of [['--dry-run', 'Hi'], [], ['--search', '-m', 'gpt-5.4', 'Hi']]) {
      const { world } = await ask(answerWell, argv);
      expect(world.ledger()).toEqual([]);
    }
  });

  test('tells of calls to the sandbox as calls to the sandbox', async () => {
    const { world } = await ask(answerWell, ['-g', 'sandbox', 'Hi']);
    expect(world.ledger()).toMatchObject([{ gateway: 'sandbox' }, { gateway: 'sandbox' }]);
  });
});
