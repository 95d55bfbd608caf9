/** A person waits for the prompt of a conversation: from spawn to the prompt, on a pseudo terminal, against `--version` on the same; it prints nothing. */
import pty from '@lydell/node-pty';
import { cli } from '../contestants.mjs';
import { interleave } from '../measure.mjs';
import { ratio, rows } from '../rows.mjs';

/** ms from spawn until the terminal has shown the text. */
function untilShown(argv, text, { env }) {
  const begin = process.hrtime.bigint();
  const child = pty.spawn(process.execPath, argv, {
    cols: 80,
    rows: 24,
    env: { ...env, TERM: 'xterm-256color' },
  });
  let shown = '';
  return new Promise((resolve, reject) => {
    let elapsed = null;
    child.onData((data) => {
      shown += data;
      if (elapsed !== null || !text.test(shown)) return;
      elapsed = Number(process.hrtime.bigint() - begin) / 1e6;
      // It ends as a person ends it, so that its compiled code is kept as it would be.
      child.write('\u0004');
    });
    child.onExit(() => {
      if (elapsed === null) reject(new Error(`never shown: ${shown.slice(0, 200)}`));
      else resolve(elapsed);
    });
  });
}

export async function prompt(bench, runs) {
  const contestants = [
    ['alltoken --version', [cli, '--version'], /\d\r\n/],
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the terminal's own
    ['alltoken chat, to its prompt', [cli, 'chat'], /\n[^\n]*> \u001b\[3G/],
  ].map(([name, argv, text]) => ({ name, measure: () => untilShown(argv, text, bench) }));
  const samples = await interleave(contestants, { warmUps: 2, runs });
  return {
    title: 'From spawn to the prompt of a conversation',
    unit: 'ms',
    rows: [
      ...rows(samples),
      ratio(samples, 'alltoken chat, to its prompt', 'alltoken --version', { atMost: 1.5 }),
    ],
  };
}
