/** Listens until it is told to stop, and then lets the answers that are being written come to their end. */
import './env.js';
import { createApp } from './app.js';

const LAST_ANSWERS_MS = 10_000;

const host = process.env.HOST ?? '127.0.0.1';
const port = Number(process.env.PORT ?? 3000);
if (!Number.isInteger(port) || port < 0 || port > 65_535) {
  console.error('PORT must be a number from 0 to 65535');
  process.exit(2);
}

const { app, abort } = createApp();
const server = app.listen(port, host, (error?: Error) => {
  if (error !== undefined) {
    console.error(`cannot listen on ${host}:${port}: ${error.message}`);
    process.exit(1);
  }
  const address = server.address();
  const taken = typeof address === 'object' && address !== null ? address.port : port;
  console.log(`listening on http://${host.includes(':') ? `[${host}]` : host}:${taken}`);
});

let isStopping = false;

function stop(): void {
  // A second signal ends it at once.
  if (isStopping) process.exit(1);
  isStopping = true;
  server.close(() => process.exit(0));
  server.closeIdleConnections();
  setTimeout(() => {
    void abort().finally(() => server.closeAllConnections());
  }, LAST_ANSWERS_MS).unref();
}

process.on('SIGINT', stop);
process.on('SIGTERM', stop);
