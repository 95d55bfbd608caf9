/** llama.cpp's own server on loopback, with a model file that the environment names. It ends with the tests. */
import { type ChildProcess, spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { closedPort } from '../transport/sockets.ts';

/** Loading a model takes longer than any request. */
const READY_MS = 120_000;
const LOOK_EVERY_MS = 250;

export interface LlamaPlace {
  server: string;
  /** A GGUF file. */
  model: string;
}

/** `llama-server` on PATH and the model of LLAMA_MODEL; null where one of them is absent. */
export function findLlama(): LlamaPlace | null {
  const { LLAMA_MODEL: model, PATH = '' } = process.env;
  if (model === undefined) return null;
  for (const directory of PATH.split(delimiter)) {
    const server = join(directory, 'llama-server');
    try {
      accessSync(server, constants.X_OK);
      return { server, model };
    } catch {
      // Not in this one.
    }
  }
  return null;
}

export interface Llama {
  /** With `/v1`. */
  baseUrl: string;
  stop(): void;
}

export async function startLlama({ server, model }: LlamaPlace): Promise<Llama> {
  const port = await closedPort();
  const argv = ['-m', model, '--host', '127.0.0.1', '--port', String(port), '-c', '512', '--jinja'];
  const child = spawn(server, argv, { stdio: 'ignore' });
  const stop = (): void => void child.kill('SIGKILL');
  const origin = `http://127.0.0.1:${port}`;
  try {
    await untilReady(`${origin}/health`, child);
  } catch (error) {
    stop();
    throw error;
  }
  return { baseUrl: `${origin}/v1`, stop };
}

async function untilReady(url: string, child: ChildProcess): Promise<void> {
  const end = performance.now() + READY_MS;
  while (performance.now() < end && child.exitCode === null) {
    const answer = await fetch(url).catch(() => null);
    if (answer?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
  throw new Error(`llama-server was not ready (exit ${child.exitCode})`);
}
