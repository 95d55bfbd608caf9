/** A loop on the official SDK over a file of Batch API lines, so many in flight: what one would write by hand. */
import { createWriteStream, readFileSync } from 'node:fs';
import OpenAI from 'openai';

const [baseURL, input, output, inFlight] = process.argv.slice(2);
const client = new OpenAI({ baseURL, apiKey: process.env.ALLTOKEN_API_KEY });
const lines = readFileSync(input, 'utf8').trimEnd().split('\n');
const file = createWriteStream(output);
let at = 0;

async function work() {
  while (at < lines.length) {
    const { custom_id, body } = JSON.parse(lines[at++]);
    const stream = await client.chat.completions.create({
      ...body,
      stream: true,
      stream_options: { include_usage: true },
    });
    let text = '';
    let usage = null;
    for await (const chunk of stream) {
      text += chunk.choices[0]?.delta?.content ?? '';
      usage = chunk.usage ?? usage;
    }
    file.write(`${JSON.stringify({ custom_id, text, usage })}\n`);
  }
}

await Promise.all(Array.from({ length: Number(inFlight) }, work));
file.end();
