/** The programs between a client and the gateway that the proxy section compares; each has a port. It measures nothing. */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cli } from './contestants.mjs';
import { load, startProgram } from './serve-load.mjs';

const file = (name) => fileURLToPath(new URL(`contestants/${name}`, import.meta.url));

/** A folder in which `npm install @portkey-ai/gateway` was run: the path in BENCH_PORTKEY. */
const portkeyServer =
  process.env.BENCH_PORTKEY &&
  join(process.env.BENCH_PORTKEY, 'node_modules/@portkey-ai/gateway/build/start-server.js');
const PORTKEY_START_MS = 20_000;

export function startRelay(bench, gateway) {
  return startProgram([process.execPath, file('bare-relay.mjs'), String(gateway.port)], bench.env);
}

/** Ours, with a home of its own. `path`: what comes before /v1 at the gateway. */
export async function startOurs(bench, gateway, { path = '', config } = {}) {
  const home = mkdtempSync(join(tmpdir(), 'alltoken-bench-serve-'));
  if (config !== undefined) writeFileSync(join(home, 'config.json'), JSON.stringify(config));
  const env = {
    ...bench.env,
    ALLTOKEN_HOME: home,
    ALLTOKEN_API_KEY: 'sk-at-0123456789',
    ALLTOKEN_BASE_URL: `http://127.0.0.1:${gateway.port}${path}/v1`,
  };
  const command = [process.execPath, cli, 'serve', '--port', '0', '--json'];
  const started = await startProgram(command, env);
  const stop = async () => {
    await started.stop();
    rmSync(home, { recursive: true, force: true });
  };
  return { ...started, stop };
}

/** Null where it is not installed. */
export async function startPortkey(bench, gateway) {
  if (!portkeyServer || !existsSync(portkeyServer)) return null;
  const port = await freePort();
  const words = ['--import', file('portkey-headers.mjs'), portkeyServer, '--headless'];
  const child = spawn(process.execPath, [...words, `--port=${port}`], {
    env: { ...bench.env, NODE_ENV: 'production' },
    stdio: 'ignore',
  });
  const headers = {
    'x-portkey-provider': 'openai',
    'x-portkey-custom-host': `http://127.0.0.1:${gateway.port}/v1`,
  };
  const at = { port, pid: child.pid, headers };
  for (const until = performance.now() + PORTKEY_START_MS; performance.now() < until; )
    if ((await load(at, 1, { body: { stream: true } }))[200] === 1) break;
  const stop = () =>
    new Promise((resolve) => {
      child.once('close', resolve);
      child.kill('SIGTERM');
    });
  return { ...at, stop };
}

function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
