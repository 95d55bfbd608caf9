/** Real listeners on loopback that misbehave below HTTP; each ends with its test. */
import { readFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { onTestFinished } from 'vitest';

export interface Listener {
  port: number;
  /** How many connections were made. */
  connections: () => number;
}

/** Hands each TCP connection to `onSocket`. */
export function listen(onSocket: (socket: Socket) => void): Promise<Listener> {
  return started(createServer(onSocket));
}

/** Speaks TLS with a certificate that nobody signed. */
export function listenTls(onSocket: (socket: Socket) => void): Promise<Listener> {
  const read = (name: string): Buffer =>
    readFileSync(new URL(`../fixtures/tls/${name}`, import.meta.url));
  return started(
    createTlsServer({ cert: read('self-signed.crt'), key: read('self-signed.key') }, onSocket),
  );
}

/** A port where nobody listens any more. */
export async function closedPort(): Promise<number> {
  const server = createServer();
  const port = await bound(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function started(server: Server): Promise<Listener> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
  });
  server.on('secureConnection', (socket: Socket) => socket.on('error', () => {}));
  const port = await bound(server);
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { port, connections: () => sockets.size };
}

async function bound(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}
