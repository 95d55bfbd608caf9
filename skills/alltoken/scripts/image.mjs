// One picture: create, wait, keep. Node 20 or newer, nothing to install.
//   node image.mjs "prompt" out.png
import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';

const base = process.env.ALLTOKEN_BASE_URL ?? 'https://api.alltoken.ai/v1';
const key = process.env.ALLTOKEN_API_KEY ?? '';
const [prompt = 'A lighthouse at dawn', out = 'out.png'] = process.argv.slice(2);
const headers = { ...(key && { Authorization: `Bearer ${key}` }) };

const create = await fetch(`${base}/images/generations/async`, {
  method: 'POST',
  // The same key again within a minute gives 409 with the id of the first task, and buys nothing.
  headers: { ...headers, 'Content-Type': 'application/json', 'Idempotency-Key': randomUUID() },
  body: JSON.stringify({ model: 'gpt-image-2', prompt, size: '1024x1024', quality: 'low' }),
});
const created = await create.json();
const id = created.id ?? created.error?.task_id;
if (!id) throw new Error(`${create.status} ${created.error?.code}: ${created.error?.message}`);
console.error(`task ${id}`); // before any wait: it is how to come back

for (;;) {
  const poll = await fetch(`${base}/images/generations/${id}`, { headers });
  const body = await poll.text();
  const task = JSON.parse(body);
  if (poll.status === 410) throw new Error(`${task.error?.code}: the picture is gone`);
  if (task.status === 'completed') {
    await writeFile(`${out}.json`, body); // the picture comes once: keep the reply before you look into it
    await save(task.data[0], out);
    console.log(out);
    break;
  }
  if (['failed', 'cancelled'].includes(task.status))
    throw new Error(`${task.error?.code}: ${task.error?.message}`);
  const wait = task.next_poll_after_ms ?? 1000 * Number(poll.headers.get('retry-after') ?? 2);
  await new Promise((resolve) => setTimeout(resolve, wait));
}

async function save({ b64_json: inline, r2_url: address }, path) {
  if (inline) return writeFile(path, Buffer.from(inline, 'base64'));
  const file = await fetch(address); // without the key: it is another host
  if (!file.ok) throw new Error(`download: ${file.status}`);
  return writeFile(path, Buffer.from(await file.arrayBuffer()));
}
