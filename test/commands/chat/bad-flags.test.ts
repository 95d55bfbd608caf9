import { describe, expect, test } from 'vitest';
import { answerWell, ask, errLines } from '../../helpers/ask.ts';

const bad: [string[], RegExp][] = [
  [['--temperature', '2.1'], /--temperature.*'2\.1'.*from 0 to 2/],
  [['--temperature', '-0.1'], /--temperature.*from 0 to 2/],
  [['--temperature', 'hot'], /--temperature.*'hot'/],
  [['--temperature', ''], /--temperature/],
  [['--temperature', 'NaN'], /--temperature.*'NaN'/],
  [['--temperature', '1e999'], /--temperature.*'1e999'/],
  [['--top-p', '1.01'], /--top-p.*from 0 to 1/],
  [['--max-tokens', '0'], /--max-tokens.*whole number from 1/],
  [['--max-tokens', '1.5'], /--max-tokens.*'1\.5'/],
  [['--max-tokens', '9007199254740993'], /--max-tokens/],
  [['--max-tokens', '0x10'], /--max-tokens.*'0x10'/],
  [['--seed', 'x'], /--seed.*whole number/],
  [['--seed', '12345678901234567890'], /--seed/],
  [['--thinking', '0'], /--thinking.*'0'/],
  [['--thinking=why'], /--thinking.*'why'/],
  [['--param', 'x'], /--param.*'x'.*key=json/],
  [['--param', '=1'], /--param.*key=json/],
  [['--param', 'x=y'], /--param.*not JSON.*x="y"/],
  [['--param', 'x='], /--param.*not JSON/],
  [['--param', 'x=1', '--param', 'x=2'], /x is given twice/],
  [['--param', 'model="m"'], /use -m/],
  [['--param', 'messages=[]'], /--system and --session/],
  [['--param', 'stream=false'], /--no-stream/],
  [['--param', 'n=2'], /one answer a call/],
  [['--temperature', '1', '--param', 'temperature=1'], /--param temperature.*already/],
  [['--seed', '1', '--param', 'seed=2'], /--param seed.*already/],
  [['--json-object', '--param', 'response_format={}'], /--param response_format.*already/],
  [['--fallback', ','], /--fallback.*commas/],
  [['--fallback', 'a,,b'], /--fallback.*commas/],
  [['--timeout', '0'], /--timeout.*above 0/],
  [['--timeout', '-1'], /--timeout/],
  [['--timeout', '86401'], /--timeout.*86400/],
  [['--connect-timeout', 'soon'], /--connect-timeout.*'soon'/],
  [['--first-byte-timeout', ''], /--first-byte-timeout/],
  [['--idle-timeout', '1h'], /--idle-timeout.*'1h'/],
  [['--max-retry-wait', '-1'], /--max-retry-wait/],
  [['--json', '--jsonl'], /--jsonl.*--json/],
  [['--json-object', '--schema', 's.json'], /--json-object.*--schema/],
  [['--schema', 'missing.json'], /--schema missing\.json: no such file/],
  [['-s', '@missing.txt'], /--system missing\.txt: no such file/],
  [['-s', '@.'], /--system \.: is a directory/],
  [['-f', ''], /--file needs a path/],
  [['-o', ''], /--out needs a path/],
  [['--schema', ''], /--schema needs a path/],
  [['-m', ''], /-m.*empty|model/],
  [['-g', 'alltokn'], /unknown gateway "alltokn" \(did you mean "alltoken"\?\)/],
  [['-g', ''], /unknown gateway ""/],
  [['--base-url', 'nonsense'], /--base-url/],
  [['--temprature', '1'], /unknown option '--temprature'/],
  [['--session', 'a/b'], /--session "a\/b": a name is/],
];

describe('a bad flag of chat is a usage error, and nothing is sent', () => {
  test.each(bad)('%j', async (argv, message) => {
    const { code, server, world } = await ask(answerWell, [...argv, 'Hi']);
    expect(code, world.err()).toBe(2);
    expect(server.requests).toEqual([]);
    expect(world.ledger()).toEqual([]);
    expect(world.out().includes('"ok":true')).toBe(false);
    const [line = '', ...rest] = errLines(world);
    expect(line).toMatch(/^alltoken: .* \[usage code=[a-z_]+\]$/);
    expect(line).toMatch(message);
    expect(line).not.toMatch(/undefined|error:/);
    for (const more of rest) expect(more).toMatch(/^hint: /);
    expect(rest.length).toBeLessThanOrEqual(1);
  });

  test('plain http to another machine is refused with 20', async () => {
    const argv = ['--base-url', 'http://gateway.example/v1', 'Hi'];
    const { code, world } = await ask(answerWell, argv);
    expect(code, world.err()).toBe(20);
    expect(world.err()).toMatch(/plain http is only allowed for loopback/);
  });

  test('an unknown option is answered with the one that was meant', async () => {
    const { world } = await ask(answerWell, ['--temprature', '1', 'Hi']);
    expect(errLines(world)[1]).toBe('hint: did you mean --temperature?');
  });

  test('a flag that wants a value says so', async () => {
    const { code, world } = await ask(answerWell, ['Hi', '--model']);
    expect(code).toBe(2);
    expect(errLines(world)[0]).toMatch(/^alltoken: --model needs a value \[usage/);
  });

  test.each([
    [['-m', '--json', 'Hi'], '--model', '--json'],
    [['-qm', '--no-stream', 'Hi'], '--model', '--no-stream'],
    [['--model', '--max-tokens=5', 'Hi'], '--model', '--max-tokens'],
    [['-s', '--help', 'Hi'], '--system', '--help'],
    [['-g', '--', 'Hi'], '--gateway', '--'],
    [['Hi', '-o', '--no-save'], '--out', '--no-save'],
    [['--temperature', '--jsonl', 'Hi'], '--temperature', '--jsonl'],
  ])('%j: an option is not the value of another one', async (argv, flag, next) => {
    const { code, server, world } = await ask(answerWell, argv);
    expect(code, world.err()).toBe(2);
    expect(server.requests).toEqual([]);
    const said = `${flag} needs a value; ${next} is an option`;
    if (argv.includes('--json'))
      expect(world.json()).toMatchObject({ ok: false, error: { exit: 2, message: said } });
    expect(world.out() + world.err()).toContain(said);
  });

  test.each([
    [['--system=--json', 'Hi'], '--json'],
    [['-s--json', 'Hi'], '--json'],
    [['-s', '--json please', 'Hi'], '--json please'],
    [['-s', '--jason', 'Hi'], '--jason'],
    [['-s', '-q', 'Hi'], '-q'],
    [['-s', '-', 'Hi'], '-'],
    [['-s', '-1.5', 'Hi'], '-1.5'],
    [['--seed', '-5', '-s', '---', 'Hi'], '---'],
  ])('%j: a value may begin with dashes', async (argv, value) => {
    const { code, server, world } = await ask(answerWell, argv);
    expect(code, world.err()).toBe(0);
    const { messages } = JSON.parse(server.requests[0]?.body ?? '') as { messages: unknown[] };
    expect(messages).toEqual([
      { role: 'system', content: value },
      { role: 'user', content: 'Hi' },
    ]);
  });
});
