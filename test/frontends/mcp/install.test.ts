import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type McpHost, mcpHosts } from '../../../src/frontends/mcp/install/hosts.ts';
import { mcpInstallDocumentSchema } from '../../../src/schemas/mcp-install.ts';
import { type FakeWorld, fakeDeps } from '../../helpers/fake-deps.ts';

/** Below the home directory, as of 2026. */
const fileOf: Readonly<Record<McpHost, string>> = {
  claude: '.claude.json',
  codex: '.codex/config.toml',
  gemini: '.gemini/settings.json',
  qwen: '.qwen/settings.json',
  opencode: '.config/opencode/opencode.json',
  openclaw: '.openclaw/openclaw.json',
  hermes: '.hermes/config.yaml',
  cursor: '.cursor/mcp.json',
  vscode: '.config/Code/User/mcp.json',
};

function open(host: McpHost, before?: string) {
  const world = fakeDeps({ env: { PATH: '' } });
  const file = join(world.deps.homeDirectory, fileOf[host]);
  if (before !== undefined) {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, before);
  }
  const text = (): string => readFileSync(file, 'utf8');
  const install = (...argv: string[]) => world.run('mcp', 'install', '--host', host, ...argv);
  return { world, file, text, install };
}

function actionsOf(world: FakeWorld): unknown[] {
  const last = world.out().trim().split('\n').at(-1) ?? '';
  const read = mcpInstallDocumentSchema.parse(JSON.parse(last));
  return 'installed' in read ? read.installed.map(({ action }) => action) : [];
}

describe.each(mcpHosts)('mcp install --host %s', (host) => {
  test('writes one entry, says so, and finds it again', async () => {
    const { world, file, text, install } = open(host);
    expect(await install('--json', '--', '-g', 'sandbox'), world.err()).toBe(0);
    expect(actionsOf(world)).toEqual(['installed']);
    const written = text();
    expect(written).toContain('alltoken-cli');
    expect(written).toContain('"sandbox"');
    expect(await install('--json', '--', '-g', 'sandbox')).toBe(0);
    expect(actionsOf(world)).toEqual(['unchanged']);
    expect(text()).toBe(written);
    expect(existsSync(file)).toBe(true);
  });

  test('writes no key and no value of a variable', async () => {
    const { world, text, install } = open(host);
    const secret = 'sk-0123456789abcdef0123';
    const deps = { ...world.deps.env };
    expect(deps.ALLTOKEN_API_KEY).toBeUndefined();
    const rich = fakeDeps({ env: { PATH: '', ALLTOKEN_API_KEY: secret } });
    expect(await rich.run('mcp', 'install', '--host', host, '--print')).toBe(0);
    expect(rich.out()).not.toContain(secret);
    expect(await install()).toBe(0);
    expect(text()).not.toContain(secret);
  });

  test('--print shows it and writes nothing', async () => {
    const { world, file, install } = open(host);
    expect(await install('--print')).toBe(0);
    expect(world.out()).toContain('alltoken');
    expect(existsSync(file)).toBe(false);
  });

  test('replaces another one only with --force', async () => {
    const { world, text, install } = open(host);
    await install('--', '--tag', 'one');
    const before = text();
    expect(await install('--', '--tag', 'two')).toBe(50);
    expect(world.err()).toContain(`mcp install --host ${host} --force -- --tag two`);
    expect(text()).toBe(before);
    expect(await install('--force', '--', '--tag', 'two')).toBe(0);
    expect(text()).toBe(before.replace('"one"', '"two"'));
  });
});

describe('the rest of a file stays as it is', () => {
  const jsonc = '{\r\n\t// mine\r\n\t"theme": "x", /* keep */\r\n\t"list": [1,2,  3]\r\n}\r\n';

  test('of JSON with comments: every byte', async () => {
    const { text, install } = open('gemini', jsonc);
    expect(await install()).toBe(0);
    const after = text();
    for (const part of jsonc.split('\r\n}')) expect(after).toContain(part.trimEnd());
    expect(after.replaceAll('\r\n', '')).not.toContain('\n');
  });

  test.each([
    ['{}', []],
    ['{ "a": 1 }', ['"a": 1']],
    ['{\n  "a": 1, // keep\n}\n', ['"a": 1, // keep\n']],
    ['{\n  "a": 1 // keep\n}\n', ['"a": 1, // keep\n']],
    ['{\n  "a": [1,2], /* x */ }\n', ['[1,2]', '/* x */']],
    ['\ufeff{\n  "a": 1\n}\n', ['\ufeff{\n  "a": 1,\n']],
    ['{"mcpServers":{}}', []],
    ['{"mcpServers":{"x":{"command":"y"}}}', ['"x":{"command":"y"}']],
    ['{\n  // only a comment\n}\n', ['// only a comment']],
  ])('of JSON %j, which is found again', async (before, parts) => {
    const { text, install } = open('gemini', before);
    expect(await install()).toBe(0);
    for (const part of parts) expect(text()).toContain(part);
    const after = text();
    expect(await install()).toBe(0);
    expect(text()).toBe(after);
  });

  const toml =
    '# mine\nmodel = "x"  # keep\n\n[mcp_servers.other]\ncommand = "y"\n[tui]\na = [\n  1,\n]';

  test('of TOML: a table at the end, and only ours is replaced', async () => {
    const { text, install } = open('codex', toml);
    expect(await install()).toBe(0);
    expect(text().startsWith(`${toml}\n\n[mcp_servers.alltoken]\n`)).toBe(true);
    expect(text()).toContain('env_vars = ["ALLTOKEN_API_KEY", "ALLTOKEN_HOME"');
    expect(text()).toContain('required = true');
  });

  test.each([
    [
      'in the middle',
      '[mcp_servers.alltoken]\ncommand = "old"\n\n[mcp_servers.alltoken.env]\nA = "b"\n\n[z]\nq = 1\n',
    ],
    ['quoted', '[mcp_servers."alltoken"]\ncommand = "old"\n[z]\nq = 1\n'],
  ])('of TOML, with ours %s', async (_name, before) => {
    const { text, install } = open('codex', before);
    expect(await install()).toBe(50);
    expect(text()).toBe(before);
    expect(await install('--force')).toBe(0);
    expect(text()).not.toContain('"old"');
    expect(text().endsWith('[z]\nq = 1\n')).toBe(true);
  });

  test.each<[McpHost, string]>([
    ['codex', 'mcp_servers = { other = { command = "y" } }\n'],
    ['codex', '[mcp_servers]\nalltoken = { command = "y" }\n'],
    ['codex', 'mcp_servers.alltoken.command = "y"\n'],
    ['codex', '[[mcp_servers.alltoken]]\ncommand = "y"\n'],
    ['codex', '[[mcp_servers]]\ncommand = "y"\n'],
    ['codex', '["mcp\\u005fservers".alltoken]\ncommand = "y"\n'],
    ['codex', 'a = """\n[mcp_servers.alltoken]\n"""\n[mcp_servers."all\\u0074oken"]\nb = 1\n'],
    ['codex', '[a\nb = \n'],
    ['gemini', '{"mcpServers":{},"mcpServers":{"a":{}}}'],
    ['gemini', '{"mcpServers":null}'],
    ['hermes', '{model: x}\n'],
    ['hermes', '- a\n'],
    ['hermes', 'hello\n'],
    ['hermes', '  model: x\n'],
    ['hermes', 'a: [1\n'],
    ['hermes', 'a: "x\nmcp_servers: y"\n'],
    ['hermes', '? mcp_servers\n: {}\n'],
    ['hermes', 'mcp_servers: {}\n'],
    ['hermes', 'mcp_servers:\n- a\n'],
    ['hermes', 'a: x\n---\nb: y\n'],
    ['gemini', '{ "mcpServers": [] }'],
    ['gemini', '{ broken'],
    ['gemini', '[]'],
  ])('%s %j is left alone, and the way out is --print', async (host, before) => {
    const { world, text, install } = open(host, before);
    expect(await install('--force')).toBe(50);
    expect(world.err()).toContain(`mcp install --host ${host} --print`);
    expect(text()).toBe(before);
  });
});

test.each([
  ['tables beside it', '[mcp_servers]\nother = { command = "y" }\n'],
  ['a string that looks like it', 'a = """\n[mcp_servers.alltoken]\n"""\n'],
  ['keys with dots', 'mcp_servers.other.command = "y"\n'],
  ['one of a profile', '[profiles.x]\nmcp_servers = {}\n'],
])('TOML with %s gets a table of its own', async (_name, before) => {
  const { text, install } = open('codex', before);
  expect(await install('--force')).toBe(0);
  expect(text().startsWith(`${before}\n[mcp_servers.alltoken]\n`)).toBe(true);
});

test('TOML: no table of ours is left behind, wherever it stands', async () => {
  const before =
    '[mcp_servers.alltoken]\ncommand = "x"\n[z]\nq = 1\n[mcp_servers.alltoken.env]\nA = "b"\n';
  const { text, install } = open('codex', before);
  expect(await install('--force')).toBe(0);
  expect(text()).not.toContain('A = "b"');
  expect(text()).toContain('\n\n[z]\nq = 1\n');
});

test.each([
  ['mcp_servers:\n  other:\n    command: y\n', '  other:\n    command: y\n'],
  [
    '# x\nmcp_servers:\n    other:\n        command: y\nz: 1\n',
    '    other:\n        command: y\nz: 1\n',
  ],
  ['---\nmcp_servers: # none\nz: 1\n', 'z: 1\n'],
  ['mcp_servers:\r\n  other:\r\n    args:\r\n    - y\r\n', '    args:\r\n    - y\r\n'],
])('YAML %j keeps its other servers', async (before, kept) => {
  const { text, install } = open('hermes', before);
  expect(await install()).toBe(0);
  expect(text().endsWith(kept)).toBe(true);
  expect(text().split('mcp_servers:')).toHaveLength(2);
  const after = text();
  expect(await install()).toBe(0);
  expect(text()).toBe(after);
  expect(await install('--', '--tag', 'two')).toBe(50);
  expect(await install('--force', '--', '--tag', 'two')).toBe(0);
  expect(text()).toBe(after.replace('"mcp"]', '"mcp","--tag","two"]'));
});

describe("the file is the person's", () => {
  test.each([0o644, 0o664, 0o640, 0o600])('its mode %o stays', async (mode) => {
    const { file, install } = open('gemini', '{}');
    chmodSync(file, mode);
    expect(await install()).toBe(0);
    expect(statSync(file).mode & 0o777).toBe(mode);
  });

  test('one that nobody may write is left alone', async () => {
    const { world, file, text, install } = open('gemini', '{}');
    chmodSync(file, 0o444);
    expect(await install()).toBe(50);
    expect(world.err()).toContain('EACCES');
    expect(text()).toBe('{}');
  });

  test.each([true, false])('a link stays one; what it names is there: %s', async (isThere) => {
    const { world, file, install } = open('gemini', '{}');
    const target = join(world.home, 'dots.json');
    rmSync(file);
    if (isThere) writeFileSync(target, '{"a": 1}');
    symlinkSync(target, file);
    expect(await install()).toBe(0);
    expect(lstatSync(file).isSymbolicLink()).toBe(true);
    expect(readFileSync(target, 'utf8')).toContain('alltoken-cli');
  });

  test('--print needs no file that can be read', async () => {
    const { world, file, install } = open('gemini', '{}');
    rmSync(file);
    mkdirSync(file);
    expect(await install()).toBe(50);
    expect(world.err()).toContain('--print');
    expect(await install('--print')).toBe(0);
  });

  test.each<[McpHost, string, string, string]>([
    ['claude', 'CLAUDE_CONFIG_DIR', '/c', '/c/.claude.json'],
    ['codex', 'CODEX_HOME', '/c', '/c/config.toml'],
    ['gemini', 'GEMINI_CLI_HOME', '/c', '/c/.gemini/settings.json'],
    ['hermes', 'HERMES_HOME', '/c', '/c/config.yaml'],
    ['openclaw', 'OPENCLAW_CONFIG_PATH', '/c/x.json', '/c/x.json'],
    ['openclaw', 'OPENCLAW_STATE_DIR', '/c', '/c/openclaw.json'],
    ['openclaw', 'OPENCLAW_HOME', '/c', '/c/.openclaw/openclaw.json'],
    ['openclaw', 'OPENCLAW_STATE_DIR', '~/c', '{home}/c/openclaw.json'],
    ['codex', 'CODEX_HOME', 'c', '{here}/c/config.toml'],
    ['opencode', 'XDG_CONFIG_HOME', '/c', '/c/opencode/opencode.json'],
    ['opencode', 'XDG_CONFIG_HOME', 'c', '{home}/.config/opencode/opencode.json'],
  ])('%s by %s=%s', async (host, name, value, file) => {
    const world = fakeDeps({ env: { PATH: '', [name]: value } });
    expect(await world.run('mcp', 'install', '--host', host, '--print')).toBe(0);
    const { homeDirectory, workingDirectory } = world.deps;
    const whole = file.replace('{home}', homeDirectory).replace('{here}', workingDirectory);
    expect(world.out()).toContain(`: ${whole}\n`);
  });
});

describe('what the host is told to start', () => {
  test('the key variable of the gateway, by name; none where there is no key', async () => {
    const other = open('codex');
    expect(await other.install('--', '-g', 'openrouter')).toBe(0);
    expect(other.text()).toContain('"OPENROUTER_API_KEY"');
    const none = open('gemini');
    expect(await none.install('--', '-g', 'sandbox')).toBe(0);
    expect(none.text()).not.toContain('"env"');
  });

  test('the program itself where it is on PATH', async () => {
    const { world, text, install } = open('cursor');
    const bin = join(world.home, 'bin');
    mkdirSync(bin, { recursive: true });
    writeFileSync(join(bin, 'alltoken'), '#!/bin/sh\n');
    chmodSync(join(bin, 'alltoken'), 0o755);
    Object.assign(world.deps.env, { PATH: bin });
    expect(await install()).toBe(0);
    expect(JSON.parse(text())).toMatchObject({
      mcpServers: { alltoken: { command: 'alltoken', args: ['mcp'] } },
    });
  });

  test.each([
    [['--', '--wibble'], 'takes no "--wibble"'],
    [['--', 'word'], 'takes no "word"'],
    [['--', '--max-cost', 'abc'], "'abc' is invalid"],
    [['--', '--max-cost'], 'needs a value'],
    [['--', '-g', 'nowhere'], 'unknown gateway'],
    [['--scope', 'elsewhere'], 'user, project'],
  ])('%j is refused', async (argv, words) => {
    const { world, file, install } = open('cursor');
    expect(await install(...argv)).toBe(2);
    expect(world.err()).toContain(words);
    expect(existsSync(file)).toBe(false);
  });

  test('a project has its own file', async () => {
    const { world, install } = open('claude');
    expect(await install('--scope', 'project')).toBe(0);
    const file = join(world.deps.workingDirectory, '.mcp.json');
    expect(JSON.parse(readFileSync(file, 'utf8'))).toHaveProperty('mcpServers.alltoken');
    expect(await open('hermes').install('--scope', 'project')).toBe(2);
  });

  test('no host is a usage error that names all of them', async () => {
    const world = fakeDeps();
    expect(await world.run('mcp', 'install')).toBe(2);
    for (const host of mcpHosts) expect(world.err()).toContain(host);
  });
});
