/**
 * A gateway on loopback that is never the bottleneck: it streams prepared bytes and notes when.
 * It checks nothing but that a stream was asked for; no key, no model, no route but chat and those
 * of media-server.mjs.
 *
 * Run by `fork`: it sends `{ port }` once, then `{ firstWrite, lastWrite }` for each answer, as
 * decimal strings of `process.hrtime.bigint()` (CLOCK_MONOTONIC, which all processes share).
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { bigAnswer, markdownAnswer, shortAnswer } from './answers.mjs';
import { answerMedia } from './media-server.mjs';

const headers = { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' };
const writeSize = 65_536;
/** Long enough for every client to have nothing left to do but wait. */
const settleMs = 150;
const longAnswers = new Map([
  ['big-1', bigAnswer(1)],
  ['big-200', bigAnswer(200)],
  ['markdown-10', markdownAnswer(10)],
]);

async function sendShort(response) {
  response.writeHead(200, headers);
  for (const event of shortAnswer.events) response.write(event);
}

/**
 * The first event comes late, when the client has settled; its headers in the same packet, or at
 * once, as gateways do that answer before the model does.
 */
async function sendLate(response, headersFirst, noteFirstWrite) {
  if (headersFirst) response.writeHead(200, headers).flushHeaders();
  await sleep(settleMs);
  const [first, ...rest] = shortAnswer.events;
  noteFirstWrite();
  if (!headersFirst) response.writeHead(200, headers);
  response.write(first);
  await sleep(20);
  for (const event of rest) response.write(event);
}

async function sendBig(response, answer) {
  response.writeHead(200, headers);
  for (let count = 0; count < answer.megabytes; count += 1) {
    for (let offset = 0; offset < answer.block.length; offset += writeSize) {
      const taken = response.write(answer.block.subarray(offset, offset + writeSize));
      if (!taken) await once(response, 'drain');
    }
  }
  response.write(answer.tail);
}

async function answer(request, response) {
  const [, name, size] =
    /^\/(short|late|late-body|(?:big|markdown)-(\d+))\/v1\/chat\/completions$/.exec(request.url) ??
    [];
  let body = '';
  for await (const chunk of request) body += chunk;
  if (await answerMedia(request, response)) return;
  if (request.method !== 'POST' || name === undefined || JSON.parse(body).stream !== true) {
    response.writeHead(404).end();
    return;
  }
  let firstWrite = process.hrtime.bigint();
  const noteFirstWrite = () => {
    firstWrite = process.hrtime.bigint();
  };
  if (name === 'short') await sendShort(response);
  else if (size === undefined) await sendLate(response, name === 'late-body', noteFirstWrite);
  else await sendBig(response, longAnswers.get(name));
  const lastWrite = process.hrtime.bigint();
  response.end();
  process.send({ firstWrite: String(firstWrite), lastWrite: String(lastWrite) });
}

const server = createServer((request, response) => {
  answer(request, response).catch((error) => response.destroy(error));
});
server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));
process.on('disconnect', () => process.exit());
