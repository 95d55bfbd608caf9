// One image: ordered once, saved, and never lost. npm install alltoken-cli
//   node image.mjs "prompt" [directory]
// If this process is killed, `alltoken tasks resume` finishes the job, and buys nothing.
import { AllTokenError, generateImage } from 'alltoken-cli';

const [prompt = 'A lighthouse at dawn', directory = '.'] = process.argv.slice(2);
try {
  const { cost, data, error, id, status } = await generateImage(
    { model: 'gpt-image-2', prompt, size: '1024x1024', quality: 'low' },
    { directory },
  );
  console.error(JSON.stringify({ task: id, status, cost: cost.amount }));
  for (const { path } of data ?? []) console.log(path); // b64_json is there, too
  if (status !== 'completed') {
    console.error(JSON.stringify(error ?? null)); // as the gateway said it
    process.exitCode = 44;
  }
} catch (error) {
  if (!(error instanceof AllTokenError)) throw error;
  console.error(`${error.code}: ${error.message}; billed: ${error.billed}`);
  process.exitCode = error.exit;
}
