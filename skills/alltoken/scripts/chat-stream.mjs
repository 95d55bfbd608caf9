// The wire without a library: one streamed answer with its tokens and its exact cost. Nothing to install.
//   node chat-stream.mjs [model] "prompt"
// The cost comes in an SSE comment behind [DONE], where OpenAI's libraries have stopped reading: so this reads the bytes itself.
const base = process.env.ALLTOKEN_BASE_URL ?? 'https://api.alltoken.ai/v1';
const key = process.env.ALLTOKEN_API_KEY ?? '';
const words = process.argv.slice(2);
const prompt = words.pop() ?? 'Say hello in five words.';
const model = words.pop() ?? 'gpt-5.4-nano';

const reply = await fetch(`${base}/chat/completions`, {
  method: 'POST',
  headers: { 'Content-Type': 'application/json', ...(key && { Authorization: `Bearer ${key}` }) },
  body: JSON.stringify({
    model,
    messages: [{ role: 'user', content: prompt }],
    stream: true,
    stream_options: { include_usage: true }, // without it, usage is null in every chunk
  }),
  signal: AbortSignal.timeout(120_000),
});
if (!reply.ok) {
  const { error = {} } = await reply.json().catch(() => ({}));
  console.error(`${reply.status} ${error.code ?? ''}: ${error.message ?? 'no message'}`);
  process.exit(1);
}

let usage = null;
let cost = null;
let ended = false;
for await (const line of linesOf(reply.body)) {
  if (line.startsWith(':')) cost = readCost(line.slice(1)) ?? cost; // other comments keep the line open
  if (!line.startsWith('data:')) continue;
  const data = line.slice(5).trim();
  if (data === '[DONE]') {
    ended = true;
    continue; // the cost is still to come
  }
  const chunk = JSON.parse(data);
  if (chunk.error) throw new Error(`${chunk.error.code}: ${chunk.error.message}`);
  usage = chunk.usage ?? usage; // on a chunk of its own, or on the last one
  const [choice] = chunk.choices ?? [];
  process.stdout.write(choice?.delta?.content ?? '');
  if (choice?.finish_reason) ended = true;
}
process.stdout.write('\n');
console.error(JSON.stringify({ model, usage, cost }));
if (!ended) {
  console.error('the stream broke off: the answer is not whole, and was perhaps billed');
  process.exit(1);
}

async function* linesOf(body) {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const bytes of body) {
    const lines = (rest + decoder.decode(bytes, { stream: true })).split(/\r\n|\n/);
    rest = lines.pop();
    yield* lines;
  }
  if (rest !== '') yield rest;
}

/** A decimal as text, or null: a cost that the gateway does not report is unknown, which is not zero. */
function readCost(comment) {
  try {
    const { cost } = JSON.parse(comment);
    return typeof cost === 'string' && /^\d+(\.\d+)?$/.test(cost) ? cost : null;
  } catch {
    return null;
  }
}
