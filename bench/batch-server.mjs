/** A gateway on loopback with one short answer and a public price list. Run by `fork`: it sends `{ port }` once. */
import { createServer } from 'node:http';
import { shortAnswer } from './answers.mjs';

const prices = {
  data: [
    { id: 'gpt-5.4-nano', input_price: '0.05', output_price: '0.40', max_output_tokens: 128_000 },
  ],
};

const server = createServer((request, response) => {
  request.resume();
  request.on('end', () => {
    if (request.method === 'GET') {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify(prices));
      return;
    }
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.end(shortAnswer.events.join(''));
  });
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));
process.on('disconnect', () => process.exit());
