/** CPU of one step, in ms, of our loop or of a streamed call of the official SDK: many of them in one process, after a warm-up. */
const [who, baseURL, model, history, count] = process.argv.slice(2);
const messages = Array.from({ length: Number(history) }, (_, index) => [
  { role: 'user', content: `Question ${index}: what is the next number?` },
  { role: 'assistant', content: `The next number is ${index + 1}.` },
]).flat();

const step = who === 'library' ? await ourStep() : await sdkStep();
for (let warm = 0; warm < 40; warm += 1) await step();
const before = process.cpuUsage();
for (let done = 0; done < Number(count); done += 1) await step();
const { user, system } = process.cpuUsage(before);
console.log(`ms ${(user + system) / 1000 / Number(count)}`);

async function ourStep() {
  const { createAgent } = await import('../../dist/library.js');
  const agent = createAgent({ baseURL, model, apiKey: process.env.ALLTOKEN_API_KEY, messages });
  return async () => {
    const { steps, stop } = await agent.run('hi');
    if (steps !== 1 || stop !== 'done') throw new Error(`${steps} steps, ${stop}`);
  };
}

async function sdkStep() {
  const { default: OpenAI } = await import('openai');
  const client = new OpenAI({ baseURL, apiKey: process.env.ALLTOKEN_API_KEY });
  return async () => {
    const all = [...messages, { role: 'user', content: 'hi' }];
    const stream = await client.chat.completions.create({ model, messages: all, stream: true });
    let text = '';
    for await (const chunk of stream) text += chunk.choices[0]?.delta?.content ?? '';
    if (text === '') throw new Error('no text');
  };
}
