/** Runs one program and times it from outside; it knows no contestant and prints nothing. */
import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { closeSync, constants, openSync } from 'node:fs';
import { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';

const runTimeoutMs = 180_000;
/** Enough of stdout to compare a short answer, and of stderr to explain a failure. */
const keptBytes = 65_536;
const usageScript = fileURLToPath(new URL('./usage.py', import.meta.url));
const live = new Set();

/** Kills whatever still runs: each program leads a process group of its own. */
export function killAll() {
  for (const child of live) {
    try {
      process.kill(-child.pid, 'SIGKILL');
    } catch {
      // It has gone already.
    }
  }
}

/**
 * The kernel's own count of a child that has been waited for: peak memory and cpu time. `terminal`
 * gives the child a pseudo terminal for stderr. A small parent matters: a child starts with its
 * parent's peak, so Node itself is too large for this.
 */
export function withUsage(python, command, { terminal = false } = {}) {
  return [python, usageScript, terminal ? 'terminal' : 'plain', ...command];
}

/** A pipe as a shell makes it; spawn's own 'pipe' is a socket pair with three times the buffer. */
export function makePipe(path) {
  execFileSync('sh', ['-c', 'mkfifo "$0"', path]);
  return path;
}

/** Reads to the end, at most `bytesPerSecond`, into one buffer; `result` is filled as bytes come. */
function drain(descriptor, { hash, bytesPerSecond }, result) {
  const digest = hash ? createHash('sha256') : null;
  const kept = [];
  return new Promise((resolve, reject) => {
    const socket = new Socket({
      fd: descriptor,
      writable: false,
      onread: {
        buffer: Buffer.allocUnsafe(keptBytes),
        callback(size, buffer) {
          result.firstByteAt ??= process.hrtime.bigint();
          if (result.bytes < keptBytes) kept.push(Buffer.from(buffer.subarray(0, size)));
          result.bytes += size;
          digest?.update(buffer.subarray(0, size));
          if (!bytesPerSecond) return true;
          setTimeout(() => socket.resume(), (size * 1000) / bytesPerSecond);
          return false;
        },
      },
    });
    socket.on('error', reject);
    socket.on('close', () => {
      result.endedAt = process.hrtime.bigint();
      result.text = Buffer.concat(kept).toString();
      result.sha256 = digest?.digest('hex') ?? null;
      resolve();
    });
    socket.resume();
  });
}

async function collect(stream) {
  let text = '';
  for await (const chunk of stream) text = (text + chunk).slice(-keptBytes);
  return text;
}

/** The begin of what a failed program said, on one line. */
function excerpt(stderr) {
  const line = stderr.replace(/\s+/g, ' ').trim();
  return line === '' ? '' : `: ${line.slice(0, 300)}`;
}

/**
 * Runs `command` once with stdin at end of file and stdout into the pipe at `options.pipe`.
 * `options`: env; hash (of stdout); bytesPerSecond (a slow reader); all but env and pipe optional.
 * Returns milliseconds from before spawn to exit, bytes, text (its first 64 KiB), sha256, stderr,
 * peakKiB and cpuSeconds (null without `withUsage`), and firstByteAt, endedAt (of stdout) and
 * exitedAt in hrtime nanoseconds.
 * Throws on a non-zero exit or a signal; after three minutes the signal is our own SIGKILL.
 */
export async function runOnce(command, options) {
  const readEnd = openSync(options.pipe, constants.O_RDONLY | constants.O_NONBLOCK);
  const writeEnd = openSync(options.pipe, constants.O_WRONLY);
  const result = { bytes: 0 };
  const drained = drain(readEnd, options, result);
  const startedAt = process.hrtime.bigint();
  const child = spawn(command[0], command.slice(1), {
    env: options.env,
    stdio: ['ignore', writeEnd, 'pipe', 'pipe'],
    detached: true,
  });
  live.add(child);
  closeSync(writeEnd);
  const timer = setTimeout(killAll, runTimeoutMs);
  const [[code, signal, exitedAt], stderr, usage] = await Promise.all([
    new Promise((resolve, reject) => {
      child.on('error', reject);
      child.on('exit', (...status) => resolve([...status, process.hrtime.bigint()]));
    }),
    collect(child.stderr),
    collect(child.stdio[3]),
    drained,
  ]);
  clearTimeout(timer);
  live.delete(child);
  if (code !== 0) throw new Error(`ended with ${signal ?? `exit code ${code}`}${excerpt(stderr)}`);
  const milliseconds = Number(exitedAt - startedAt) / 1e6;
  const [peakKiB, cpuSeconds] = usage === '' ? [null, null] : usage.split(' ').map(Number);
  return { ...result, milliseconds, exitedAt, stderr, peakKiB, cpuSeconds };
}
