/**
 * Many calls through `alltoken serve` in front of a gateway that fails in many ways: the sum of the ledger must be the sum of
 * the gateway's own books, to the last digit. `node bench/soak.mjs [calls] [part that fails]`; exit code 1 where it is not.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cli } from './contestants.mjs';
import { load, memoryOf, startGateway, startProgram } from './serve-load.mjs';

const calls = Number(process.argv[2] ?? 100_000);
const faults = Number(process.argv[3] ?? 0.1);
const home = mkdtempSync(join(tmpdir(), 'alltoken-soak-'));
const gateway = await startGateway(faults);
const env = {
  ...process.env,
  ALLTOKEN_HOME: home,
  ALLTOKEN_API_KEY: 'sk-at-0123456789',
  ALLTOKEN_BASE_URL: `http://127.0.0.1:${gateway.port}/v1`,
};
const proxy = await startProgram([process.execPath, cli, 'serve', '--port', '0', '--json'], env);
const statuses = {};
const count = (more) => {
  for (const [status, number] of Object.entries(more))
    statuses[status] = (statuses[status] ?? 0) + number;
};
count(await load(proxy, 1000, { inFlight: 32, body: { stream: true } }));
const before = memoryOf(proxy.pid);
for (let done = 1000; done < calls; done += 1000) {
  const body = (done / 1000) % 2 === 0 ? { stream: true } : {};
  count(await load(proxy, Math.min(1000, calls - done), { inFlight: 32, body }));
}
const after = memoryOf(proxy.pid);
await proxy.stop();
const books = await gateway.books();
gateway.stop();

let sum = 0n;
let unknown = 0;
let known = 0;
const open = new Set();
for (const name of readdirSync(join(home, 'ledger')))
  for (const line of readFileSync(join(home, 'ledger', name), 'utf8')
    .trim()
    .split('\n')) {
    const { event, call, cost, billed } = JSON.parse(line);
    if (event === 'intent') {
      open.add(call);
      continue;
    }
    open.delete(call);
    if (cost.amount !== null) {
      known += 1;
      sum += BigInt(cost.amount.replace('0.', ''));
    } else if (billed !== 'no') unknown += 1;
  }
rmSync(home, { recursive: true, force: true });
const isRight = String(sum) === books.reported && known === books.known && open.size === 0;
console.log(
  JSON.stringify(
    {
      calls,
      statuses,
      books,
      ledger: { sum: String(sum), known, unknown, open: open.size },
      memory: { before, after },
      isRight,
    },
    null,
    2,
  ),
);
process.exitCode = isRight ? 0 : 1;
