/** The yardstick for long answers: fetch → eventsource-parser → JSON.parse → stdout, and nothing else. */
import { once } from 'node:events';
import { createParser } from 'eventsource-parser';

const [baseUrl, model, prompt] = process.argv.slice(2);

const response = await fetch(`${baseUrl}/chat/completions`, {
  method: 'POST',
  headers: {
    authorization: `Bearer ${process.env.ALLTOKEN_API_KEY}`,
    'content-type': 'application/json',
  },
  body: JSON.stringify({ model, messages: [{ role: 'user', content: prompt }], stream: true }),
});
if (!response.ok) throw new Error(`HTTP ${response.status}`);

let taken = true;
const parser = createParser({
  onEvent({ data }) {
    if (data === '[DONE]') return;
    const content = JSON.parse(data).choices[0]?.delta.content;
    if (content) taken = process.stdout.write(content);
  },
});
const decoder = new TextDecoder();
for await (const chunk of response.body) {
  parser.feed(decoder.decode(chunk, { stream: true }));
  if (!taken) await once(process.stdout, 'drain');
  taken = true;
}
