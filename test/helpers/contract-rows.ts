/** The rows of the contract: one gateway, what is typed, what it answers, and what then has to be so. Data in `fixtures/<gateway>/rows.json`. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Ability } from '../../src/gateways/index.ts';
import { expectNoKey } from './ask.ts';
import {
  type Answers,
  filled,
  fixture,
  foldersWithRows,
  keys,
  type Played,
  play,
} from './gateways.ts';
import { send, startProxy } from './serving.ts';
import { film, picture } from './video-gateway.ts';

export interface Row {
  gateway: string;
  name: string;
  /** What of the gateway this row is about; none: an error or a refusal. */
  shows: readonly Ability[];
  /** One process after the other, each with `-g` at its end; the last one is judged. */
  argv: readonly (readonly string[])[];
  answers: Answers;
  /** argv is one `serve`, which is sent this and then ended; `exit` is 0 and `out` what it answers. */
  post?: readonly [path: string, body: object];
  /** All that is sent, in order: the call, whether the key goes along, and the body where it matters. */
  sent: readonly (readonly [call: string, key: boolean, body?: object])[];
  /** Without this gateway's key in the environment. */
  noKey?: true;
  /** Files in the working directory, each a picture. */
  pictures?: readonly string[];
  config?: object;
  exit: number;
  /** All of stdout. */
  out?: string;
  /** Parts of stderr. */
  err?: readonly string[];
  /** Parts of the one document on stdout. */
  json?: object;
  /** Parts of the last line of the ledger. */
  ledger?: object;
  /** Files that are there afterwards, each with the picture or the film. */
  saved?: readonly string[];
}

export const rows: readonly Row[] = foldersWithRows().flatMap((gateway) => {
  const { config, rows } = JSON.parse(fixture(gateway, 'rows.json')) as {
    config?: object;
    rows: Omit<Row, 'gateway'>[];
  };
  return rows.map((row) => ({ ...(config === undefined ? {} : { config }), ...row, gateway }));
});

/** Plays one row to its end and compares everything that it tells. */
export async function expectRow(row: Row): Promise<void> {
  const played = await start(row);
  if (row.post !== undefined) return expectPassed(row, row.post, played);
  let last = played;
  let code = 0;
  for (const [index, argv] of row.argv.entries()) {
    last = index === 0 ? played : played.later({ processId: 4712 + index });
    code = await last.run(...argv, '-g', row.config === undefined ? row.gateway : 'mine');
  }
  expectSent(row, played);
  expect(code, last.world.err()).toBe(row.exit);
  expectTold(row, last);
  for (const name of row.saved ?? []) {
    const bytes = readFileSync(join(played.world.home, name));
    const whole = /\.mp4$/.test(name) ? film() : picture;
    expect(bytes.equals(whole), name).toBe(true);
  }
}

/** What a client of the proxy asks is passed on, and so is the answer. */
async function expectPassed(
  row: Row,
  [path, body]: readonly [string, object],
  played: Played,
): Promise<void> {
  const { world, origin } = played;
  const name = row.config === undefined ? row.gateway : 'mine';
  const proxy = await startProxy(world, ...(row.argv[0]?.slice(1) ?? []), '-g', name);
  const reply = await send(proxy, { path, body });
  // Its answer may arrive before its books are written.
  await proxy.stop();
  expectSent(row, played);
  expect(reply.body).toBe(filled(row.out ?? '', origin));
  if (row.ledger !== undefined) expect(world.ledger().at(-1)).toMatchObject(row.ledger);
  for (const key of Object.values(keys)) expectNoKey(world, key);
}

async function start({ gateway, answers, config, noKey, pictures = [] }: Row): Promise<Played> {
  const played = await play(gateway, answers, {
    ...(config === undefined ? {} : { config }),
    noKey: noKey === true,
  });
  for (const name of pictures) played.world.write(name, picture);
  return played;
}

function expectSent({ gateway, sent }: Row, { server, origin }: Played): void {
  const told = server.requests.map(({ method, path }) => `${method} ${path}`);
  expect(told).toEqual(sent.map(([call]) => filled(call, origin)));
  for (const [index, [call, withKey, body]] of sent.entries()) {
    const { headers, json } = server.requests[index] ?? { headers: {}, json: null };
    expect(headers.authorization, call).toBe(withKey ? `Bearer ${keys[gateway]}` : undefined);
    // A compressed answer comes late, and a compressed file cannot be gone on with.
    if (/^POST |^GET .storage/.test(call))
      expect(headers['accept-encoding'], call).toBe('identity');
    if (call.startsWith('POST ')) expect(headers['content-type'], call).toBe('application/json');
    if (body !== undefined) expect(json, call).toEqual(body);
  }
}

function expectTold(row: Row, { world, origin }: Played): void {
  if (row.out !== undefined) expect(world.out()).toBe(filled(row.out, origin, world.home));
  for (const part of row.err ?? []) expect(world.err()).toContain(filled(part, origin, world.home));
  expect(world.err()).not.toMatch(/undefined|\[object|NaN/);
  if (row.json !== undefined) {
    const wanted = JSON.parse(filled(JSON.stringify(row.json), origin, world.home)) as object;
    expect(world.json()).toMatchObject(wanted);
  }
  if (row.ledger !== undefined) expect(world.ledger().at(-1)).toMatchObject(row.ledger);
}
