/**
 * CPU of one step, in ms, after a warm-up: of our loop, in runs of up to 100 steps, or of the same requests as streamed calls of
 * the official SDK. Both begin each run with the same history, and add each answer to it.
 */
const [who, baseURL, model, history, count] = process.argv.slice(2);
const MOST_OF_A_RUN = 100;
const messages = Array.from({ length: Number(history) }, (_, index) => [
  { role: 'user', content: `Question ${index}: what is the next number?` },
  { role: 'assistant', content: `The next number is ${index + 1}.` },
]).flat();
messages.unshift({ role: 'system', content: 'You are a helpful assistant.' });

const run = who === 'library' ? await ourRun() : await sdkRun();
await run(40);
const before = process.cpuUsage();
for (let left = Number(count); left > 0; left -= MOST_OF_A_RUN)
  await run(Math.min(left, MOST_OF_A_RUN));
const { user, system } = process.cpuUsage(before);
console.log(`ms ${(user + system) / 1000 / Number(count)}`);

async function ourRun() {
  const { createAgent } = await import('../../dist/library.js');
  return async (wanted) => {
    const apiKey = process.env.ALLTOKEN_API_KEY;
    const agent = createAgent({ baseURL, model, apiKey, messages });
    for (let waiting = 1; waiting < wanted; waiting += 1) agent.queue('hi');
    const { steps, stop } = await agent.run('hi');
    if (steps !== wanted || stop !== 'done') throw new Error(`${steps} steps, ${stop}`);
  };
}

async function sdkRun() {
  const { default: OpenAI } = await import('openai');
  const client = new OpenAI({ baseURL, apiKey: process.env.ALLTOKEN_API_KEY });
  return async (wanted) => {
    const all = [...messages];
    for (let step = 0; step < wanted; step += 1) {
      all.push({ role: 'user', content: 'hi' });
      const stream = await client.chat.completions.create({
        ...{ model, messages: all, temperature: 0.7 },
        ...{ stream: true, stream_options: { include_usage: true } },
      });
      let text = '';
      for await (const chunk of stream) text += chunk.choices[0]?.delta?.content ?? '';
      if (text === '') throw new Error('no text');
      all.push({ role: 'assistant', content: text });
    }
  };
}
