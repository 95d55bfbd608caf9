// npm run test:hosts: in a network of its own where that is possible, so that no host reaches the outside.
import { spawnSync } from 'node:child_process';

const words = ['vitest', 'run', '--config', 'vitest.hosts.config.ts', ...process.argv.slice(2)];
const isolate = ['-rn', 'sh', '-c', 'ip link set lo up && exec "$@"', 'sh', 'npx', ...words];
const mayIsolate = spawnSync('unshare', ['-rn', 'sh', '-c', 'ip link set lo up']).status === 0;
if (!mayIsolate)
  console.error('no network namespace can be made here: the hosts could reach the outside');
const { status } = mayIsolate
  ? spawnSync('unshare', isolate, { stdio: 'inherit' })
  : spawnSync('npx', words, { stdio: 'inherit' });
process.exitCode = status ?? 1;
