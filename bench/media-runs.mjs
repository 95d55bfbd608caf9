/** One checked run of a program that fetches an image or a video into a file; it measures nothing itself. */
import { createHash } from 'node:crypto';
import { createReadStream, mkdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { cli } from './contestants.mjs';
import { sha256Of } from './media.mjs';
import { runOnce } from './process.mjs';

const names = { image: 'image.png', video: 'video.mp4' };

/** Name → command line for the server's root of this run, and the file to write. */
const clients = {
  alltoken: (_root, path, { kind }) => [process.execPath, cli, kind, '-o', path, 'hi'],
  'curl -o': curl,
  'curl -o, then sync': (root, path, run, bench) => [
    ...['sh', '-c', '"$@" && sync "$0"', path],
    ...curl(root, path, run, bench),
  ],
};

function curl(root, path, _run, bench) {
  return [bench.curl?.path, '-q', '-sS', '-o', path, `${root}/file.mp4`];
}

/** False when the program it needs is not on this machine; only Linux can sync one file from a shell. */
export function canFetch(name, { curl }) {
  return name === 'alltoken' || (curl !== null && (name === 'curl -o' || isLinux));
}

export const isLinux = process.platform === 'linux';

async function sha256OfFile(path) {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk);
  return hash.digest('hex');
}

async function checkFile(path, { kind, bytes }, hash) {
  const { size } = statSync(path);
  if (size !== bytes) throw new Error(`the file has ${size} bytes, expected ${bytes}`);
  if (hash && (await sha256OfFile(path)) !== sha256Of(kind, bytes)) {
    throw new Error('the file has the right size and the wrong bytes');
  }
}

/**
 * One `run` ({ kind: image or video, bytes of the file, milliseconds that the task takes }) by the
 * client of that name, checked: the file's size and, with `hash`, its bytes; its path on stdout
 * (`alltoken`); one delivery by the server. Every run writes to the same directory, which is emptied
 * before and after. `wrap` may put a program in front. Returns what `runOnce` does, and `report`,
 * the server's own times.
 */
export async function fetchFile(bench, name, run, { hash = true, wrap, env } = {}) {
  const root = `${bench.server.origin}/${run.kind}-${run.bytes}-${run.milliseconds}`;
  const directory = join(bench.directory, 'files');
  const path = join(directory, names[run.kind]);
  const options = {
    env: { ...bench.env, ...env, ALLTOKEN_BASE_URL: `${root}/v1` },
    pipe: bench.pipe,
  };
  rmSync(options.env.ALLTOKEN_HOME, { recursive: true, force: true });
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory);
  bench.server.forget();
  const command = clients[name](root, path, run, bench);
  const result = await runOnce(wrap ? wrap(command) : command, options);
  const report = await bench.server.report();
  const expected = name === 'alltoken' ? `${path}\n` : '';
  if (result.text !== expected) throw new Error(`stdout is ${JSON.stringify(result.text)}`);
  await checkFile(path, run, hash);
  rmSync(directory, { recursive: true });
  return { ...result, report };
}
