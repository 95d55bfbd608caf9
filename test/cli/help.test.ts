import { describe, expect, test } from 'vitest';
import { withoutBold } from '../../src/base/bold.ts';
import { exitCodes } from '../../src/base/errors.ts';
import { builtInGateways } from '../../src/gateways/index.ts';
import { errLines } from '../helpers/ask.ts';
import { type FakeOptions, type FakeWorld, fakeDeps } from '../helpers/fake-deps.ts';

async function run(
  argv: readonly string[],
  options: FakeOptions = {},
): Promise<{ code: number; out: string; world: FakeWorld }> {
  const world = fakeDeps(options);
  const code = await world.run(...argv);
  return { code, out: world.out(), world };
}

const pages = [
  '--help',
  'chat --help',
  'config --help',
  'config set --help',
  'config doctor --help',
  'config gateways --help',
  'sandbox --help',
  'schema --help',
  'help --help',
  'help',
  'help chat',
  'help exit-codes',
  'help environment',
];

describe('help', () => {
  test.each(pages)('%s goes to stdout, exit 0, and fits 80 columns', async (words) => {
    const terminal = { stdoutIsTerminal: true, columns: 80 };
    const { code, out, world } = await run(words.split(' '), terminal);
    expect(code).toBe(0);
    expect(world.err()).toBe('');
    expect(
      withoutBold(out)
        .split('\n')
        .filter((line) => line.length > 80),
    ).toEqual([]);
  });

  test.each(pages)('%s ends with one line end', async (words) => {
    const { out } = await run(words.split(' '));
    expect(out).toMatch(/\S\n$/);
  });

  test.each(pages)('%s speaks of no internals', async (words) => {
    const { out } = await run(words.split(' '));
    expect(out).not.toMatch(/default: \[\]|undefined|\[object|words\.\.\./);
  });

  test('of the program names every command and the first step', async () => {
    const { out } = await run(['--help']);
    for (const command of ['chat', 'sandbox', 'config', 'schema', 'help'])
      expect(out).toMatch(new RegExp(`^ {2}${command} `, 'm'));
    expect(out).toContain('alltoken chat -g sandbox');
    expect(out).toContain('alltoken help exit-codes');
  });

  test.each([
    [['help'], ['--help']],
    [['-h'], ['--help']],
    [
      ['help', 'chat'],
      ['chat', '--help'],
    ],
    [
      ['chat', '-h'],
      ['chat', '--help'],
    ],
    [
      ['help', 'config'],
      ['config', '--help'],
    ],
    [
      ['help', 'config', 'set'],
      ['config', 'set', '--help'],
    ],
  ])('%j is the same as %j', async (argv, other) => {
    expect((await run(argv)).out).toBe((await run(other)).out);
  });

  test('of chat names every flag, an example, and what goes where', async () => {
    const { out } = await run(['chat', '--help']);
    const flags =
      '-m --model -s --system -f --file --temperature --top-p --max-tokens --stop --seed --thinking --search --json-object --schema --param --no-stream --fallback --strict -c --continue --session --no-save --no-stdin --dry-run -g --gateway --base-url --timeout --connect-timeout --first-byte-timeout --idle-timeout --max-retry-wait --json --jsonl -q --quiet -v --verbose --debug --no-color -h --help';
    for (const flag of flags.split(' ')) expect(out).toMatch(new RegExp(`(^| )${flag}[ ,]`, 'm'));
    expect(out).toContain('Examples:');
    expect(out).toContain('stderr');
  });

  test('exit-codes lists every code with its name', async () => {
    const { out } = await run(['help', 'exit-codes']);
    for (const [name, { code, when }] of Object.entries(exitCodes)) {
      expect(out).toMatch(new RegExp(`^ +${code} +${name} `, 'm'));
      expect(out.replace(/\s+/g, ' ')).toContain(when);
    }
  });

  test('environment lists every variable', async () => {
    const { out } = await run(['help', 'environment']);
    const keys = [...builtInGateways.values()].flatMap(({ keyVariable }) => keyVariable ?? []);
    expect(keys).toContain('ALLTOKEN_API_KEY');
    for (const name of [
      ...keys,
      'ALLTOKEN_GATEWAY',
      'ALLTOKEN_BASE_URL',
      'ALLTOKEN_HOME',
      'ALLTOKEN_SANDBOX_FAULT',
      'XDG_CONFIG_HOME',
      'XDG_STATE_HOME',
      'XDG_CACHE_HOME',
      'HTTPS_PROXY',
      'NO_PROXY',
      'NODE_EXTRA_CA_CERTS',
      'NO_COLOR',
      'TERM',
    ])
      expect(out).toMatch(new RegExp(`^ {2}${name} +\\S`, 'm'));
  });

  test('exit-codes and environment are documents with --json', async () => {
    const codes = await run(['help', 'exit-codes', '--json']);
    expect(codes.world.json()).toMatchObject({
      schema: 'alltoken.exit-codes.v1',
      ok: true,
      exit: 0,
      command: 'help',
    });
    const rows = codes.world.json().exit_codes as { code: number; name: string; who: string }[];
    expect(rows.map(({ code }) => code)).toEqual(Object.values(exitCodes).map(({ code }) => code));
    expect(rows.find(({ name }) => name === 'balance')?.who).toMatch(/^you: /);
    expect(rows.find(({ name }) => name === 'outcome_unknown')?.who).toMatch(/^look first: /);
    const environment = await run(['help', '--json', 'environment']);
    expect(environment.world.json()).toMatchObject({
      schema: 'alltoken.environment.v1',
      variables: expect.arrayContaining([
        { name: 'ALLTOKEN_API_KEY', what: 'the key for AllToken' },
      ]),
    });
  });

  test('of what is not there fails as JSON, too', async () => {
    const { code, world } = await run(['help', 'chta', '--json']);
    expect(code).toBe(2);
    expect(world.json()).toMatchObject({ ok: false, error: { code: 'unknown_topic' } });
  });

  test('needs no config, no key and no home', async () => {
    const world = fakeDeps();
    world.write('config.json', '{');
    expect(await world.run('chat', '--help')).toBe(0);
    expect(world.ledger()).toEqual([]);
  });

  test('into a closed pipe is 141 without a word', async () => {
    const { code, world } = await run(['--help'], { stdoutError: { code: 'EPIPE', at: 1 } });
    expect(code).toBe(141);
    expect(world.err()).toBe('');
  });
});

describe('the version', () => {
  test.each(['--version', '-V'])('%s is one line', async (flag) => {
    const { code, out } = await run([flag]);
    expect(code).toBe(0);
    expect(out).toBe('0.0.0-test\n');
  });
});

describe('a command line that makes no sense', () => {
  const mistakes: [string[], RegExp, RegExp][] = [
    [['chta'], /unknown command 'chta'/, /did you mean chat\?/],
    [['xyzzy'], /unknown command 'xyzzy'/, /^hint: alltoken --help$/],
    [['--nope'], /unknown option '--nope'/, /^hint: alltoken --help$/],
    [['--vrsion'], /unknown option '--vrsion'/, /did you mean --version\?/],
    [['chat', '--modle', 'x', 'Hi'], /unknown option '--modle'/, /did you mean --model\?/],
    [['chat', '-Z', 'Hi'], /unknown option '-Z'/, /^hint: alltoken chat --help$/],
    [['chat', '-m'], /^alltoken: --model needs a value /, /^hint: alltoken chat --help$/],
    [['mcp', 'install', '--host'], /--host needs a value/, /alltoken mcp install --help$/],
    [['tasks', '--limit', '--local'], /--limit needs a value/, /^hint: alltoken tasks --help$/],
    [['config', 'doctor', '-g', '--live'], /--gateway needs a value; --live/, /doctor --help/],
    [
      ['run', '--tag', '--max-cost', '1', '--', 'x'],
      /--tag needs a value; --max-cost/,
      /run --help/,
    ],
    [['serve', '--port'], /--port needs a value/, /^hint: alltoken serve --help$/],
    [['batch'], /<input> is missing/, /^hint: alltoken batch --help$/],
    [['completion'], /<shell> is missing/, /^hint: alltoken completion --help$/],
    [['cost', '--calls', '--by', 'day'], /--calls cannot be used with --by/, /--calls/],
    [['batch', 'a', '--prompt', 'x', '-t', 'y'], /--prompt cannot be used with --template/, /--p/],
    [['login', 'x'], /too many arguments: login takes none /, /^hint: alltoken login --help$/],
    [['help', 'chta'], /no help for "chta"/, /chat/],
    [['help', 'exit-code'], /no help for "exit-code"/, /exit-codes/],
    [['sandbox', '--port', '99999'], /--port.*'99999'.*65535/, /alltoken sandbox --help/],
    [
      ['sandbox', '--fault', 'xyzzyxyzzy'],
      /no fault is called "xyzzyxyzzy"/,
      /alltoken sandbox --list-faults$/,
    ],
    [
      ['config', 'doctor', '--timout', '1'],
      /unknown option '--timout'/,
      /did you mean --timeout\?/,
    ],
  ];
  test.each(mistakes)('%j: 2, one line and a hint', async (argv, message, hint) => {
    const { code, out, world } = await run(argv);
    expect(code).toBe(2);
    expect(out).toBe('');
    expect(errLines(world)).toHaveLength(2);
    expect(errLines(world)[0]).toMatch(message);
    expect(errLines(world)[1]).toMatch(hint);
  });

  test('is a document when JSON was asked for', async () => {
    const { code, world } = await run(['chat', '--json', '--nope', 'Hi']);
    expect(code).toBe(2);
    expect(world.json()).toMatchObject({
      ok: false,
      command: 'chat',
      error: { exit: 2, name: 'usage' },
    });
  });

  test('is text when --json is a word of the prompt', async () => {
    const { out } = await run(['chat', '--nope', '--', '--json']);
    expect(out).toBe('');
  });
});
