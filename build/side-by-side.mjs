/** Runs npm scripts side by side and prints each one's output in one piece, those that failed last. It decides nothing but the exit code. */
import { spawn } from 'node:child_process';

/** The scripts to run, by their names in package.json. */
const names = process.argv.slice(2);

const results = await Promise.all(names.map(run));
const failed = results.filter(({ code }) => code !== 0);
for (const { name, output } of [...results.filter(({ code }) => code === 0), ...failed])
  process.stdout.write(`> ${name}\n${output}`);
if (failed.length > 0) {
  process.stdout.write(`failed: ${failed.map(({ name }) => name).join(', ')}\n`);
  process.exitCode = 1;
}

function run(name) {
  // A shell finds npm on every system.
  const child = spawn(`npm run --silent ${name}`, {
    shell: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text) => {
      output += text;
    });
  return new Promise((resolve) => {
    child.on('close', (code) => resolve({ name, code, output }));
  });
}
