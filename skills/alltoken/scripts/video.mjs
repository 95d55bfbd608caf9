// One video: ordered once, waited for, downloaded, and never lost. npm install alltoken-cli
//   node video.mjs "prompt" [directory]
// If this process is killed, `alltoken tasks resume` finishes the job, and buys nothing.
import { AllTokenError, generateVideo } from 'alltoken-cli';

const [prompt = 'A paper boat in the rain', directory = '.'] = process.argv.slice(2);
try {
  const { cost, error, id, path, status } = await generateVideo(
    { model: 'seedance-1.5-pro', prompt, duration: 5, ratio: '16:9', resolution: '480p' },
    { directory },
  );
  console.error(JSON.stringify({ task: id, status, cost: cost.amount }));
  if (status !== 'completed') {
    console.error(JSON.stringify(error ?? null)); // as the gateway said it
    process.exitCode = 44;
  }
  if (path !== null) console.log(path);
} catch (error) {
  if (!(error instanceof AllTokenError)) throw error;
  console.error(`${error.code}: ${error.message}; billed: ${error.billed}`);
  process.exitCode = error.exit;
}
