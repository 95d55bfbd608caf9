/** The script that the official SDK's README leads to. */
import OpenAI from 'openai';

const [baseURL, model, prompt] = process.argv.slice(2);

const client = new OpenAI({ baseURL, apiKey: process.env.ALLTOKEN_API_KEY });
const stream = await client.chat.completions.create({
  model,
  messages: [{ role: 'user', content: prompt }],
  stream: true,
});
for await (const chunk of stream) {
  process.stdout.write(chunk.choices[0]?.delta?.content ?? '');
}
