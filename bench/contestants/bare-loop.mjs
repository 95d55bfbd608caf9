/** The yardstick for long answers: node:http → eventsource-parser → JSON.parse → stdout, and nothing else. */
import { once } from 'node:events';
import { request } from 'node:http';
import { createParser } from 'eventsource-parser';

const [baseUrl, model, prompt] = process.argv.slice(2);

const outgoing = request(`${baseUrl}/chat/completions`, {
  method: 'POST',
  headers: {
    authorization: `Bearer ${process.env.ALLTOKEN_API_KEY}`,
    'content-type': 'application/json',
  },
});
outgoing.end(
  JSON.stringify({ model, messages: [{ role: 'user', content: prompt }], stream: true }),
);
const [response] = await once(outgoing, 'response');
if (response.statusCode !== 200) throw new Error(`HTTP ${response.statusCode}`);

let taken = true;
const parser = createParser({
  onEvent({ data }) {
    if (data === '[DONE]') return;
    const content = JSON.parse(data).choices[0]?.delta.content;
    if (content) taken = process.stdout.write(content);
  },
});
const decoder = new TextDecoder();
for await (const chunk of response) {
  parser.feed(decoder.decode(chunk, { stream: true }));
  if (!taken) await once(process.stdout, 'drain');
  taken = true;
}
