/** The calls of a made-up month, the same in every process, as the lines of a ledger; pure, no I/O. */

export const month = '2026-10';

const monthStart = Date.UTC(2026, 9, 1);
const spanMs = 30 * 86_400_000;

/** Of 10^-10 USD: what a token of prompt, one of it that was read before, and one of completion cost. */
const chatModels = [
  { id: 'gpt-5.4-mini', input: 2500n, cached: 250n, output: 20_000n },
  { id: 'gpt-5.4-nano', input: 2000n, cached: 200n, output: 12_500n },
  { id: 'gpt-5.5', input: 50_000n, cached: 5000n, output: 300_000n },
  { id: 'claude-haiku-4-5', input: 10_000n, cached: 1000n, output: 50_000n },
  { id: 'claude-sonnet-4-6', input: 30_000n, cached: 3000n, output: 150_000n },
  { id: 'gemini-3-flash-preview', input: 5000n, cached: 500n, output: 30_000n },
  { id: 'glm-5.1', input: 10_000n, cached: 2600n, output: 32_000n },
  { id: 'qwen3.6-flash', input: 653n, cached: 131n, output: 3917n },
  { id: 'kimi-k2.6', input: 9500n, cached: 1600n, output: 40_000n },
  { id: 'minimax-m2.7', input: 3000n, cached: 600n, output: 12_000n },
  { id: 'deepseek-v4-flash', input: 1400n, cached: 28n, output: 2800n },
  { id: 'deepseek-v4-pro', input: 17_400n, cached: 1450n, output: 34_800n },
];
const searchModels = chatModels.slice(-2);
const tagLists = [[], [], [], [], [], [], ['ci'], ['nightly'], ['ci', 'docs'], ['team:research']];
const unknownCost = { amount: null, currency: 'USD', source: 'unknown' };

/**
 * `count` calls in the order of their begin, as `{ intent, outcome, units }`; `units` is the cost in 10^-10 USD, null
 * where none was reported. Of a hundred, 90 are chats, 5 searches, 4 images and 1 a video. One chat or search in fifty
 * fails and costs nothing; the cost of the others is reported, that of images and videos is not.
 */
export function* calls(count) {
  const draw = drawFrom(count);
  for (let index = 0; index < count; index += 1) {
    const startedAt = monthStart + Math.floor((index * spanMs) / count);
    const kind = draw.below(100);
    const made = kind < 95 ? ask(kind < 90, draw) : job(kind < 99, draw);
    yield linesOf(made, startedAt, draw);
  }
}

/** 10^-10 USD as a gateway writes it: `0.0000188000`. */
export function tenPlaces(units) {
  const digits = units.toString().padStart(11, '0');
  return `${digits.slice(0, -10)}.${digits.slice(-10)}`;
}

/** Numbers that look random: Mulberry32, 32 bits at a time. */
function drawFrom(seed) {
  let state = seed;
  const bits = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
  const word = () => bits().toString(16).padStart(8, '0');
  return { below: (limit) => bits() % limit, word };
}

function ask(isChat, { below, word }) {
  const models = isChat ? chatModels : searchModels;
  const model = models[below(models.length)];
  const command = isChat ? 'chat' : 'search';
  const session = isChat && below(10) === 0 ? `notes-${below(20)}` : null;
  if (below(50) === 0) return { command, session, asked: model.id, duration: 900, units: null };
  const firstTokenMs = 200 + below(2000);
  const { usage, units } = chatUsage(model, below);
  const paid = {
    model: model.id,
    request_id: `req_${word()}${word()}${word()}`,
    usage,
    cost: { amount: tenPlaces(units), currency: 'USD', source: 'gateway' },
    first_token_ms: firstTokenMs,
  };
  return { command, session, asked: model.id, duration: firstTokenMs + below(8000), paid, units };
}

function chatUsage({ input, cached, output }, below) {
  const prompt = 20 + below(6000);
  const read = below(3) === 0 ? below(prompt) : 0;
  const completion = 5 + below(1500);
  const usage = {
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: prompt + completion,
    prompt_tokens_details: { cached_tokens: read, audio_tokens: 0 },
    completion_tokens_details: { reasoning_tokens: below(completion), audio_tokens: 0 },
  };
  const units = BigInt(prompt - read) * input + BigInt(read) * cached + BigInt(completion) * output;
  return { usage, units };
}

function job(isImage, { below, word }) {
  const tokens = 1000 + below(100_000);
  const id = `${word()}${word()}${word()}`;
  const asked = isImage ? 'gpt-image-2' : 'seedance-1.5-pro';
  const usage = isImage
    ? { input_tokens: 40, output_tokens: tokens, total_tokens: tokens + 40 }
    : { completion_tokens: tokens, total_tokens: tokens };
  return {
    command: isImage ? 'image' : 'video',
    session: null,
    asked,
    duration: isImage ? 9000 + below(30_000) : 40_000 + below(90_000),
    taskId: `${isImage ? 'imgtask' : 'vidtask'}_${id}`,
    paid: { model: asked, request_id: `req_${id}`, usage, cost: unknownCost, first_token_ms: null },
    units: null,
  };
}

/** What the ledger has when nothing was bought. */
const unpaid = {
  model: null,
  request_id: null,
  usage: null,
  cost: unknownCost,
  first_token_ms: null,
};

function uuid({ word }) {
  const [a, b, c, d] = [word(), word(), word(), word()];
  return `${a}-${b.slice(0, 4)}-${b.slice(4)}-${c.slice(0, 4)}-${c.slice(4)}${d}`;
}

function linesOf(made, startedAt, draw) {
  const { command, session, asked, paid } = made;
  const [v, call, gateway, tags] = [
    1,
    uuid(draw),
    'alltoken',
    tagLists[draw.below(tagLists.length)],
  ];
  const begin = new Date(startedAt).toISOString();
  const intent = { v, call, command, gateway, session, tags, event: 'intent', at: begin };
  intent.pid = 1000 + draw.below(30_000);
  intent.model = asked;
  const end = new Date(startedAt + made.duration).toISOString();
  const outcome = { v, call, command, gateway, session, tags, event: 'outcome', at: end };
  const { model, request_id, usage, cost, first_token_ms } = paid ?? unpaid;
  outcome.model = model;
  outcome.requested_model = asked;
  outcome.request_id = request_id;
  if (made.taskId) outcome.task_id = made.taskId;
  outcome.exit = paid ? 0 : 30;
  outcome.billed = paid ? 'yes' : 'no';
  outcome.attempts = paid ? 1 : 3;
  outcome.usage = usage;
  outcome.cost = cost;
  outcome.duration_ms = made.duration;
  outcome.first_token_ms = first_token_ms;
  return { intent, outcome, units: made.units };
}
