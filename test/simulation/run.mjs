/** Bundles the simulator with the program and runs it in this process: `npm run simulate -- --worlds 1000`. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { bundle } from './bundle.mjs';

const folder = mkdtempSync(join(tmpdir(), 'alltoken-simulate-'));
const outfile = join(folder, 'simulator.mjs');
try {
  await bundle(fileURLToPath(new URL('main.ts', import.meta.url)), outfile, {});
  const { main } = await import(pathToFileURL(outfile).href);
  process.exitCode = await main(process.argv.slice(2), (line) => console.log(line));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
