/** Calls through a proxy, so many at a time over connections that stay open; and what a process has used. It prints nothing. */
import { fork, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { Agent, request as send } from 'node:http';

/** A clock tick of the kernel, in ms. */
const tickMs = 10;

/** CPU of a process so far, ms. */
export function cpuOf(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) * tickMs;
}

/** Memory that it holds, MB. */
export function memoryOf(pid) {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024;
}

/** Starts a program that prints `{ port, token? }` on its first line. */
export async function startProgram(command, env) {
  const child = spawn(command[0], command.slice(1), { env, stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  const line = await new Promise((resolve, reject) => {
    child.on('exit', (code) => reject(new Error(`${command.join(' ')} ended with ${code}`)));
    child.stdout.on('data', (bytes) => {
      text += bytes;
      if (text.includes('\n')) resolve(text);
    });
  });
  const stop = () =>
    new Promise((resolve) => {
      child.once('close', resolve);
      child.kill('SIGTERM');
    });
  return { ...JSON.parse(line), pid: child.pid, stop };
}

/** `faults`: the part of its calls that fail. */
export async function startGateway(faults) {
  const child = fork(new URL('serve-gateway.mjs', import.meta.url), [String(faults)]);
  const next = () => new Promise((resolve) => child.once('message', resolve));
  const { port } = await next();
  const books = () => {
    child.send('books');
    return next().then((message) => message.books);
  };
  return { port, books, stop: () => child.disconnect() };
}

/** Resolves to how many calls ended with which status; 0: the connection broke. `first` gets the ms to the first byte of each. */
export async function load(
  { port, token = 'none', path = '/v1/chat/completions', headers: more = {} },
  calls,
  { inFlight = 8, body = {}, first = () => {} } = {},
) {
  const agent = new Agent({ keepAlive: true, maxSockets: inFlight });
  const text = JSON.stringify({
    model: 'gpt-5.4-mini',
    messages: [{ role: 'user', content: 'Why is the sky blue?' }],
    max_tokens: 100,
    ...body,
  });
  const headers = {
    ...more,
    authorization: `Bearer ${token}`,
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
  };
  const once = () =>
    new Promise((resolve) => {
      const options = { host: '127.0.0.1', port, path, method: 'POST' };
      const began = performance.now();
      const outgoing = send({ ...options, headers, agent }, (reply) => {
        reply.once('data', () => first(performance.now() - began));
        reply.on('data', () => {});
        reply.on('end', () => resolve(reply.statusCode));
        reply.on('error', () => resolve(0));
      });
      outgoing.on('error', () => resolve(0));
      outgoing.end(text);
    });
  const statuses = {};
  let left = calls;
  const work = async () => {
    while (left > 0) {
      left -= 1;
      const status = await once();
      statuses[status] = (statuses[status] ?? 0) + 1;
    }
  };
  await Promise.all(Array.from({ length: inFlight }, work));
  agent.destroy();
  return statuses;
}
