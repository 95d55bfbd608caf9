/**
 * One question, one answer:  npm run start:headless -- "What time is it in Tokyo?"
 * One image, which costs some cents:  npm run start:headless -- --image "A cat in a hat"
 * The result is on standard output, all else on standard error.
 */
import './env.js';
import { AllTokenError } from 'alltoken-cli';
import { createAgent } from './agent.js';
import { generateImage } from './media.js';
import { clean, costText } from './text.js';

const stop = new AbortController();
process.once('SIGINT', () => stop.abort());

async function answer(question: string): Promise<void> {
  const agent = createAgent({ signal: stop.signal });
  const show = process.stdout.isTTY ? clean : (text: string) => text;
  agent.on('tool:call', (name, args) =>
    console.error(clean(`[tool] ${name} ${JSON.stringify(args)}`)),
  );
  agent.on('stream:delta', (delta) => process.stdout.write(show(delta)));
  agent.on('stream:end', (text) => {
    if (text !== '' && !text.endsWith('\n')) process.stdout.write('\n');
  });
  const { ok, stop: why, cost, error } = await agent.run(question);
  console.error(`[cost] ${costText(cost)}`);
  if (ok) return;
  console.error(`stopped: ${why}`);
  if (error === null) process.exitCode = 1;
  else fail(error);
}

/** As `alltoken chat` does: the exit code says who has to fix it. */
function fail({
  message,
  hint,
  exit,
}: {
  message: string;
  hint: string | null;
  exit: number;
}): void {
  console.error(clean(`error: ${message}`));
  if (hint !== null) console.error(clean(`hint: ${hint}`));
  process.exitCode = stop.signal.aborted ? 130 : exit;
}

async function draw(prompt: string): Promise<void> {
  const {
    status,
    data = [],
    cost,
  } = await generateImage(
    { prompt, size: '1024x1024', quality: 'low' },
    // Where npm was started: it runs scripts in the directory of the project.
    { directory: process.env.INIT_CWD ?? '.', signal: stop.signal },
  );
  // The files are saved already.
  for (const { path } of data) console.log(path);
  console.error(`[cost] ${cost.amount === null ? 'unknown' : `$${cost.amount}`}`);
  if (status !== 'completed') {
    console.error(`the image is ${status}`);
    process.exitCode = 1;
  }
}

const [first, ...rest] = process.argv.slice(2);
try {
  if (first === '--image') await draw(rest.join(' '));
  else await answer([first, ...rest].join(' ').trim() || 'What time is it in Tokyo?');
} catch (error) {
  if (!(error instanceof AllTokenError)) throw error;
  fail(error);
}
