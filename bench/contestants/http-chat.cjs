'use strict';
// The least script on node:http that prints a streamed answer as it comes.
const { request } = require('node:http');

const [url, model, prompt] = process.argv.slice(2);
const body = JSON.stringify({
  model,
  messages: [{ role: 'user', content: prompt }],
  stream: true,
  stream_options: { include_usage: true },
});
const headers = {
  authorization: `Bearer ${process.env.ALLTOKEN_API_KEY}`,
  'content-type': 'application/json',
  accept: 'text/event-stream',
};

request(`${url}/chat/completions`, { method: 'POST', headers }, (reply) => {
  let text = '';
  reply.setEncoding('utf8');
  reply.on('data', (piece) => {
    text += piece;
    const events = text.split('\n\n');
    text = events.pop();
    for (const event of events) {
      if (!event.startsWith('data: {')) continue;
      const words = JSON.parse(event.slice(6)).choices[0]?.delta.content;
      if (words) process.stdout.write(words);
    }
  });
}).end(body);
