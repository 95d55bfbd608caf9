/** Which base URLs lead to a proxy of this home. */
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { isOwnServer, noteServer } from '../../src/config/own-servers.ts';
import { fakeDeps } from '../helpers/fake-deps.ts';

type Listening = Parameters<typeof noteServer>[1];

function homeOf() {
  const { deps, home, write } = fakeDeps({ processSpace: 'host_boot_here' });
  const places = { servers: join(home, 'servers') };
  mkdirSync(places.servers);
  return { deps, places, write };
}

/** Whether a base URL is that of what listens there. */
async function leads(listening: Listening, baseUrl: string): Promise<boolean> {
  const { deps, places } = homeOf();
  await noteServer(places, listening, deps);
  return isOwnServer(places, baseUrl, deps);
}

const ports = { port: 4141, allowHosts: [] };

describe('what listens on', () => {
  test.each<[host: string, url: string]>([
    ['127.0.0.1', 'http://127.0.0.1:4141/v1'],
    ['127.0.0.1', 'https://127.0.0.1:4141'],
    ['127.0.0.1', 'http://LOCALHOST:4141/v1/'],
    ['127.0.0.1', 'http://localhost.:4141/v1/'],
    ['localhost', 'http://127.0.0.1:4141/v1'],
    ['localhost', 'http://[::1]:4141/v1'],
    ['::1', 'http://[::1]:4141/v1'],
    ['[::1]', 'http://localhost:4141/v1'],
    ['127.0.0.2', 'http://127.0.0.2:4141/v1'],
    ['0.0.0.0', 'http://127.0.0.1:4141/v1'],
    ['0.0.0.0', 'http://127.0.0.2:4141/v1'],
    ['::', 'http://[::1]:4141/v1'],
    ['::', 'http://127.0.0.1:4141/v1'],
    ['192.0.2.7', 'http://192.0.2.7:4141/v1'],
    ['0.0.0.0', 'http://192.0.2.9:4141/v1'],
    ['::', 'http://192.0.2.9:4141/v1'],
    ['Box.example', 'http://box.EXAMPLE:4141/v1'],
  ])('%s is reached as %s', async (host, url) => {
    expect(await leads({ ...ports, host }, url)).toBe(true);
  });

  test.each<[host: string, url: string]>([
    ['127.0.0.1', 'http://127.0.0.1:4142/v1'],
    ['127.0.0.2', 'http://127.0.0.1:4141/v1'],
    ['127.0.0.1', 'http://127.0.0.2:4141/v1'],
    ['::1', 'http://127.0.0.1:4141/v1'],
    ['127.0.0.1', 'http://[::1]:4141/v1'],
    ['0.0.0.0', 'http://[::1]:4141/v1'],
    ['192.0.2.7', 'http://127.0.0.1:4141/v1'],
    ['0.0.0.0', 'http://gateway.example:4141/v1'],
    ['0.0.0.0', 'http://192.0.2.8:4141/v1'],
  ])('%s is another server than %s', async (host, url) => {
    expect(await leads({ ...ports, host }, url)).toBe(false);
  });

  test('the usual port of its scheme needs none in the address', async () => {
    const host = 'box.example';
    expect(await leads({ ...ports, host, port: 80 }, 'http://box.example/v1')).toBe(true);
    expect(await leads({ ...ports, host, port: 443 }, 'https://box.example/v1')).toBe(true);
    expect(await leads({ ...ports, host, port: 80 }, 'https://box.example/v1')).toBe(false);
  });

  test('every address is reached by each further name of it', async () => {
    const listening = { host: '0.0.0.0', port: 4141, allowHosts: ['box.example', '192.0.2.7'] };
    expect(await leads(listening, 'http://box.example:4141/v1')).toBe(true);
    expect(await leads(listening, 'http://192.0.2.7:4141/v1')).toBe(true);
    expect(await leads(listening, 'http://other.example:4141/v1')).toBe(false);
  });
});

describe('in a home that containers share', () => {
  const elsewhere = (number: number) => {
    const note = { v: 1, pid: number, mark: 'x', space: `there_boot_${number}`, host: '::' };
    return JSON.stringify({ ...note, port: 5000 + number });
  };

  test('a proxy is known among hundreds of notes that nobody can judge from here', async () => {
    const { deps, places, write } = homeOf();
    for (let number = 0; number < 300; number += 1)
      write(`servers/${number}-${5000 + number}.json`, elsewhere(number));
    for (let number = 0; number < 300; number += 1)
      write(`servers/there_boot_${number}-9-1.json`, elsewhere(number));
    await noteServer(places, { ...ports, host: '127.0.0.1', port: 9 }, deps);
    expect(await isOwnServer(places, 'http://127.0.0.1:9', deps)).toBe(true);
  });

  test('two of one number and one port do not take the note of the other', async () => {
    const { deps, places } = homeOf();
    const there = { ...deps, processSpace: () => 'host_boot_there' };
    const listening = { ...ports, host: '127.0.0.1' };
    await noteServer(places, listening, deps);
    const forget = await noteServer(places, listening, there);
    expect(await isOwnServer(places, 'http://127.0.0.1:4141', deps)).toBe(true);
    expect(await isOwnServer(places, 'http://127.0.0.1:4141', there)).toBe(true);
    await forget();
    expect(await isOwnServer(places, 'http://127.0.0.1:4141', deps)).toBe(true);
    expect(readdirSync(places.servers)).toHaveLength(1);
  });
});
