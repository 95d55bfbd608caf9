// One video: create, wait, download. Node 20 or newer, nothing to install.
//   node video.mjs "prompt" out.mp4 [task id]     with a task id: come back to it, buy nothing
import { createWriteStream } from 'node:fs';
import { access, rename } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

const base = process.env.ALLTOKEN_BASE_URL ?? 'https://api.alltoken.ai/v1';
const key = process.env.ALLTOKEN_API_KEY ?? '';
const [prompt = 'A paper boat in the rain', out = 'out.mp4', known] = process.argv.slice(2);
const headers = { ...(key && { Authorization: `Bearer ${key}` }) };

if (
  await access(out).then(
    () => true,
    () => false,
  )
)
  fail(`${out} exists already; nothing was bought`);
const id = known ?? (await create());
console.error(`task ${id}`); // before any wait: keep it, it is how to come back

for (;;) {
  const poll = await fetch(`${base}/videos/generations/${id}`, { headers });
  const task = parse(await poll.text());
  // 5xx, or a page of a proxy: passing trouble.
  const isPassing = poll.status >= 500 || task === null;
  if (!poll.ok && !isPassing) fail(`${poll.status} ${task.error?.code}: ${task.error?.message}`);
  if (poll.ok && task?.status === 'completed') {
    if (task.is_expired) fail('the video has expired');
    const file = await fetch(task.video_url); // without the key: it is another host
    if (!file.ok) fail(`download: ${file.status}; come back to task ${id}`);
    await pipeline(Readable.fromWeb(file.body), createWriteStream(`${out}.part`));
    await rename(`${out}.part`, out); // whole, or not there
    console.log(out);
    break;
  }
  if (['failed', 'cancelled', 'expired'].includes(task?.status))
    fail(`${task.error?.code ?? task.status}: ${task.error?.message ?? ''}`);
  await new Promise((resolve) => setTimeout(resolve, 3000));
}

/** There is no idempotency for videos: after a lost reply look at GET /videos/generations before you buy a second one. */
async function create() {
  const reply = await fetch(`${base}/videos/generations`, {
    method: 'POST',
    headers: { ...headers, 'Content-Type': 'application/json' },
    body: JSON.stringify({
      model: 'seedance-1.5-pro',
      prompt,
      duration: 5,
      ratio: '16:9',
      resolution: '480p',
    }),
  });
  const task = parse(await reply.text());
  if (!task?.id) fail(`${reply.status} ${task?.error?.code}: ${task?.error?.message}`);
  return task.id;
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function fail(message) {
  console.error(message);
  process.exit(1);
}
