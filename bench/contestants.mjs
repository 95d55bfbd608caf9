/** Who is compared: their command lines, and one checked run of each; it measures nothing itself. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bigAnswer, cost, markdownAnswer, model, shortAnswer } from './answers.mjs';
import { runOnce } from './process.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const scripts = {
  python: fileURLToPath(new URL('./contestants/python_chat.py', import.meta.url)),
  openai: fileURLToPath(new URL('./contestants/openai-chat.mjs', import.meta.url)),
  http: fileURLToPath(new URL('./contestants/http-chat.cjs', import.meta.url)),
  fetch: fileURLToPath(new URL('./contestants/fetch-chat.mjs', import.meta.url)),
  loop: fileURLToPath(new URL('./contestants/bare-loop.mjs', import.meta.url)),
};
const prompt = 'hi';
/** Not a key: it only has the shape of one. */
const key = 'sk-at-benchbenchbench';

/** Another build may be measured instead, by its path. */
export const cli = process.env.BENCH_CLI ?? join(root, 'bin', 'alltoken.js');

/** Another Node to compare with in the same run: the path in BENCH_NODE. Null: none. */
export const newerNode = process.env.BENCH_NODE
  ? { path: process.env.BENCH_NODE, label: versionOf(process.env.BENCH_NODE)?.trim() ?? 'unknown' }
  : null;

export const answers = {
  short: shortAnswer,
  late: shortAnswer,
  'late-body': shortAnswer,
  'big-1': bigAnswer(1),
  'big-200': bigAnswer(200),
  'markdown-10': markdownAnswer(10),
};

/** Said at once, and not as a stack trace out of the first run. */
export function requireCli() {
  if (!existsSync(cli)) throw new Error(`no ${cli}; run "npm run build" first`);
}

function versionOf(command) {
  try {
    return execFileSync(command, ['--version'], { encoding: 'utf8' });
  } catch {
    return null;
  }
}

/** A pyenv shim costs more than Python itself, so the system's own is preferred. Null: none. */
export function findPython() {
  for (const [path, place] of [
    ['/usr/bin/python3', 'of the system'],
    ['python3', 'on PATH'],
  ]) {
    const version = versionOf(path)?.trim().split(' ').at(-1);
    if (version) return { path, label: `${version} (${place})` };
  }
  return null;
}

/** Null: none. */
export function findCurl() {
  const version = versionOf('curl')?.split(' ')[1];
  return version ? { path: 'curl', label: version } : null;
}

/** Null: none. */
export function findJq() {
  const version = versionOf('jq')?.trim().replace(/^jq-/, '');
  return version ? { path: 'jq', label: version } : null;
}

export function packageVersion(name) {
  const path = name === '' ? 'package.json' : join('node_modules', name, 'package.json');
  return JSON.parse(readFileSync(join(root, path), 'utf8')).version;
}

/**
 * What every program is given, and nothing more: no proxy, no extra certificates (they cost Node
 * 35 ms at each start), no settings of this user.
 */
export function cleanEnvironment(directory) {
  return {
    PATH: process.env.PATH,
    LANG: 'C.UTF-8',
    HOME: directory,
    TMPDIR: directory,
    ALLTOKEN_HOME: join(directory, 'alltoken'),
    ALLTOKEN_API_KEY: key,
  };
}

const curlBody = JSON.stringify({
  model,
  messages: [{ role: 'user', content: prompt }],
  stream: true,
});

/** Name → command line for a base URL. `prints` is the part of the answer that must be on stdout. */
const clients = {
  alltoken: () => ({
    command: [process.execPath, cli, 'chat', '-m', model, prompt],
    prints: 'text',
    findsCost: true,
  }),
  // What it prints is not the answer as it was sent.
  'alltoken --markdown': () => ({
    command: [process.execPath, cli, 'chat', '--markdown', '-m', model, prompt],
    prints: 'layout',
    findsCost: true,
  }),
  'Python urllib': (url, { python }) => ({
    command: [python?.path, scripts.python, url, model, prompt],
    prints: 'text',
    findsCost: true,
  }),
  'openai package': (url) => script(scripts.openai, url),
  'alltoken, newer Node': () => ({
    command: [newerNode?.path, cli, 'chat', '-m', model, prompt],
    prints: 'text',
    findsCost: true,
  }),
  'bare node:http': (url) => script(scripts.http, url),
  'bare fetch': (url) => script(scripts.fetch, url),
  'bare loop': (url) => script(scripts.loop, url),
  'curl -N': (url, { curl }) => ({
    command: [
      ...[curl?.path, '-q', '-sSN', '-H', `Authorization: Bearer ${key}`],
      ...['-H', 'Content-Type: application/json', '-d', curlBody, `${url}/chat/completions`],
    ],
    prints: 'wire',
  }),
};

function script(path, url) {
  return { command: [process.execPath, path, url, model, prompt], prints: 'text' };
}

/** False when the program it needs is not on this machine. */
export function isHere(name, { python, curl }) {
  if (name === 'Python urllib') return Boolean(python);
  if (name === 'curl -N') return Boolean(curl);
  return name !== 'alltoken, newer Node' || newerNode !== null;
}

/**
 * One answer, fetched and checked: the bytes on stdout, the cost on stderr where it is looked for,
 * and that the server was asked once. `wrap` may put a program in front. Returns what `runOnce`
 * does, and `report`, the server's own times.
 */
export async function ask(bench, name, route, { hash = true, bytesPerSecond, wrap } = {}) {
  const url = `${bench.server.origin}/${route}/v1`;
  const { command, prints, findsCost } = clients[name](url, bench);
  const expected = answers[route][prints];
  const env = { ...bench.env, ALLTOKEN_BASE_URL: url };
  // What was kept of a long answer must not fill the disk, nor slow the next run.
  if (/-\d+$/.test(route)) rmSync(env.ALLTOKEN_HOME, { recursive: true, force: true });
  bench.server.forget();
  const options = { env, pipe: bench.pipe, hash, bytesPerSecond };
  const result = await runOnce(wrap ? wrap(command) : command, options);
  const report = await bench.server.report();
  if (prints === 'layout') return { ...result, report };
  if (result.bytes !== expected.bytes || (hash && result.sha256 !== expected.sha256)) {
    const begin = JSON.stringify(result.text.slice(0, 80));
    const counts = `${result.bytes} bytes, expected ${expected.bytes}`;
    throw new Error(`stdout is not the answer (${counts}); it begins ${begin}`);
  }
  if (findsCost && !result.stderr.includes(cost)) {
    throw new Error(`the cost ${cost}, sent after [DONE], is not on stderr`);
  }
  return { ...result, report };
}
