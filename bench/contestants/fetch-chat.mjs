/** The least that works on Node without a package: fetch, lines cut by hand, no tuning. */
const [baseUrl, model, prompt] = process.argv.slice(2);

const response = await fetch(`${baseUrl}/chat/completions`, {
  method: 'POST',
  headers: {
    authorization: `Bearer ${process.env.ALLTOKEN_API_KEY}`,
    'content-type': 'application/json',
  },
  body: JSON.stringify({ model, messages: [{ role: 'user', content: prompt }], stream: true }),
});
if (!response.ok) throw new Error(`HTTP ${response.status}`);

const decoder = new TextDecoder();
let pending = '';
for await (const chunk of response.body) {
  const lines = (pending + decoder.decode(chunk, { stream: true })).split('\n');
  pending = lines.pop();
  for (const line of lines) {
    if (!line.startsWith('data: ') || line === 'data: [DONE]') continue;
    const content = JSON.parse(line.slice(6)).choices[0]?.delta.content;
    if (content) process.stdout.write(content);
  }
}
