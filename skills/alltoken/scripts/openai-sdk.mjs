// The same with OpenAI's library: npm install openai
//   node openai-sdk.mjs [model] "prompt"
// It gives text and usage. It drops the comment with the cost: see chat-stream.mjs.
import OpenAI from 'openai';

const client = new OpenAI({
  baseURL: process.env.ALLTOKEN_BASE_URL ?? 'https://api.alltoken.ai/v1',
  apiKey: process.env.ALLTOKEN_API_KEY ?? 'none',
  timeout: 120_000,
  maxRetries: 0, // a chat is paid for: send it again only when it never arrived, or on 429 and 503
});
const words = process.argv.slice(2);
const prompt = words.pop() ?? 'Say hello in five words.';
const model = words.pop() ?? 'gpt-5.4-nano';

const stream = await client.chat.completions.create({
  model,
  messages: [{ role: 'user', content: prompt }],
  stream: true,
  stream_options: { include_usage: true },
});
let usage = null;
for await (const chunk of stream) {
  process.stdout.write(chunk.choices[0]?.delta?.content ?? ''); // the chunk with usage has no choices
  usage = chunk.usage ?? usage;
}
process.stdout.write('\n');
console.error(JSON.stringify({ model, usage }));
