/** Runs one program to its end, without a terminal, and collects what it prints. */
import { spawn } from 'node:child_process';
import type { CommandResult } from '../deps.ts';

const MAX_OUTPUT = 64 * 1024;

/** `exitCode` is null when it could not be started, was killed, or took longer than `timeoutMs`. */
export function runCommand(
  command: string | readonly string[],
  timeoutMs: number,
): Promise<CommandResult> {
  return new Promise((resolve) => {
    const options = {
      stdio: ['ignore', 'pipe', 'pipe'] as ['ignore', 'pipe', 'pipe'],
      timeout: timeoutMs,
    };
    const [program = '', ...rest] = typeof command === 'string' ? [command] : command;
    const child = spawn(program, rest, { ...options, shell: typeof command === 'string' });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      if (stdout.length < MAX_OUTPUT) stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      if (stderr.length < MAX_OUTPUT) stderr += text;
    });
    child.on('error', (error) => resolve({ exitCode: null, stdout: '', stderr: error.message }));
    child.on('close', (exitCode) => resolve({ exitCode, stdout, stderr }));
  });
}
