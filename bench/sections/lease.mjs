/** A call under a budget on a lease against one with a reservation of its own, each with its two ledger lines; it prints nothing. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { bar, median, rows } from '../rows.mjs';

const callsInARun = 200;

export async function lease(_bench, runs) {
  const directory = mkdtempSync(join(tmpdir(), 'alltoken-bench-lease-'));
  try {
    const outfile = join(directory, 'calls.mjs');
    const entry = fileURLToPath(new URL('../lease-calls.ts', import.meta.url));
    const options = { bundle: true, format: 'esm', platform: 'node', target: 'node20' };
    await build({ entryPoints: [entry], outfile, ...options });
    const { measureCalls } = await import(pathToFileURL(outfile).href);
    const { reserved, leased } = await measureCalls(runs * callsInARun);
    const samples = new Map([
      ['reserved', reserved],
      ['leased', leased],
    ]);
    return {
      title: `A call under three caps, two ledger lines, ${callsInARun} calls a run`,
      unit: 'ms',
      rows: [...rows(samples), bar('leased, ms', median(samples, 'leased'), { atMost: 0.3 })],
    };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
