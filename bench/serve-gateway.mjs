/**
 * A gateway on loopback for the proxy: it streams fifty prepared chunks with their cost in one piece, or each in a piece of its
 * own (POST /pieces/…), answers in JSON where nobody asks for a stream, and keeps its own books.
 * Run by `fork` with the faults as the argument (`0.1`: one call in ten fails in some way): it sends `{ port }` once, and its books on every message.
 */
import { createServer } from 'node:http';

const faulty = Number(process.argv[2] ?? 0);
const prices =
  '{"data":[{"id":"gpt-5.4-mini","input_price":"1.00","output_price":"10.00","max_output_tokens":500}]}';
const chunk = (delta, finish = null) =>
  `data: ${JSON.stringify({ id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: 'gpt-5.4-mini', choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;
const body = [
  chunk({ role: 'assistant', content: '' }),
  ...Array.from({ length: 48 }, (_, at) => chunk({ content: `word ${at} ` })),
  chunk({}, 'stop'),
  'data: {"id":"chatcmpl-1","choices":[],"usage":{"prompt_tokens":19,"completion_tokens":12,"total_tokens":31}}\n\n',
  'data: [DONE]\n\n',
].join('');
const pieces = body.split(/(?<=\n\n)/);
const head = { 'content-type': 'text/event-stream' };
const whole = JSON.stringify({
  ...{ id: 'chatcmpl-1', object: 'chat.completion', created: 1, model: 'gpt-5.4-mini' },
  choices: [
    {
      index: 0,
      message: {
        role: 'assistant',
        content: Array.from({ length: 48 }, (_, at) => `word ${at} `).join(''),
      },
      finish_reason: 'stop',
    },
  ],
  usage: { prompt_tokens: 19, completion_tokens: 12, total_tokens: 31 },
});

/** In units of 1e-10 USD. */
const books = { requests: 0, reported: 0n, known: 0, lost: 0 };

function answer(request, response, asked) {
  books.requests += 1;
  const fault = Math.random() < faulty ? Math.floor(Math.random() * 5) : -1;
  if (fault === 0) return response.destroy();
  if (fault === 1) {
    response.writeHead(503, { 'content-type': 'application/json' });
    return response.end(
      '{"error":{"code":"all_providers_failed","message":"no","type":"api_error"}}',
    );
  }
  if (fault === 2) {
    books.lost += 1;
    response.writeHead(200, head);
    return response.write(body.slice(0, 3000), () => response.destroy());
  }
  if (fault === 3) {
    response.writeHead(502, { 'content-type': 'text/html' });
    return response.end('<h1>Bad gateway</h1>');
  }
  if (!asked.includes('"stream":true')) {
    response.writeHead(200, { 'content-type': 'application/json' });
    return response.end(whole);
  }
  response.writeHead(200, head);
  if (fault === 4) {
    books.lost += 1;
    return response.end(body);
  }
  const units = BigInt(100_000 + (books.requests % 977));
  books.reported += units;
  books.known += 1;
  const cost = `: {"cost":"0.${String(units).padStart(10, '0')}"}\n\n`;
  if (request.url.startsWith('/pieces/')) sendPieces(response, [...pieces, cost]);
  else response.end(body + cost);
}

/** As a model does: one write a chunk, each in a turn of the loop of its own. */
function sendPieces(response, [first, ...rest]) {
  response.write(first);
  if (rest.length === 0) response.end();
  else setImmediate(sendPieces, response, rest);
}

const server = createServer((request, response) => {
  let asked = '';
  request.on('data', (bytes) => {
    asked += bytes;
  });
  request.on('end', () => {
    if (request.method === 'POST') return answer(request, response, asked);
    response.writeHead(200, { 'content-type': 'application/json' }).end(prices);
  });
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));
process.on('message', () =>
  process.send({ books: { ...books, reported: String(books.reported) } }),
);
process.on('disconnect', () => process.exit());
