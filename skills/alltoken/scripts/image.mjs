// One image: create, wait, save. Node 20 or newer, nothing to install.
//   node image.mjs "prompt" out.png [task id]     with a task id: come back to it, buy nothing
import { randomUUID } from 'node:crypto';
import { access, writeFile } from 'node:fs/promises';

const base = process.env.ALLTOKEN_BASE_URL ?? 'https://api.alltoken.ai/v1';
const key = process.env.ALLTOKEN_API_KEY ?? '';
const [prompt = 'A lighthouse at dawn', out = 'out.png', known] = process.argv.slice(2);
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
  const poll = await fetch(`${base}/images/generations/${id}`, { headers });
  const body = await poll.text();
  const task = parse(body);
  // 409: another request is being served. 5xx, or a proxy's error page: temporary. Everything else is final.
  const isPassing = poll.status === 409 || poll.status >= 500 || task === null;
  if (!poll.ok && !isPassing) fail(`${poll.status} ${task.error?.code}: ${task.error?.message}`);
  if (poll.ok && task?.status === 'completed') {
    await writeFile(`${out}.json`, body); // the image comes once: save the response before parsing it
    await save(task.data[0], out);
    console.log(out);
    break;
  }
  if (['failed', 'cancelled'].includes(task?.status))
    fail(`${task.error?.code}: ${task.error?.message}`);
  const seconds = Number(poll.headers.get('retry-after')) || 2; // it can be a date, too
  const wait = task?.next_poll_after_ms ?? seconds * 1000;
  await new Promise((resolve) => setTimeout(resolve, Math.min(Math.max(wait, 500), 30_000)));
}

async function create() {
  const reply = await fetch(`${base}/images/generations/async`, {
    method: 'POST',
    // The same key again within a minute gives 409 with the id of the first task, and buys nothing.
    headers: { ...headers, 'Content-Type': 'application/json', 'Idempotency-Key': randomUUID() },
    body: JSON.stringify({ model: 'gpt-image-2', prompt, size: '1024x1024', quality: 'low' }),
  });
  const task = parse(await reply.text());
  const id = task?.id ?? task?.error?.task_id;
  if (!id) fail(`${reply.status} ${task?.error?.code}: ${task?.error?.message}`);
  return id;
}

async function save({ b64_json: inline, r2_url: address }, path) {
  if (inline) return writeFile(path, Buffer.from(inline, 'base64'), { flag: 'wx' });
  const file = await fetch(address); // without the key: it is another host
  if (!file.ok) fail(`download: ${file.status}; the address is in ${path}.json`);
  return writeFile(path, Buffer.from(await file.arrayBuffer()), { flag: 'wx' });
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
