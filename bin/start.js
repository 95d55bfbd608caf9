'use strict';
// Starts the bundle, but for what need not wait for it: the version, and two answers that stand in one file.
const { fstatSync, writeSync } = require('node:fs');
const { join } = require('node:path');

/** A pipe takes this many bytes at once, or none of them. */
const WHOLE_WRITE = 4096;

/** As in the program's own table. */
const LOCAL_IO = 50;

module.exports = (argv) => {
  const [command] = argv;
  const isAlone = argv.length === 1;
  if (isAlone && (command === '--version' || command === '-V') && printVersion()) return;
  if (isAlone && (command === 'cost' || command === 'models') && isForMachines()) quick(argv);
  else full(argv);
};

function full(argv) {
  require('./compiled.js')('main.cjs', argv[0]).main(argv, {
    skillsDirectory: join(__dirname, '../skills'),
    templatesDirectory: join(__dirname, '../templates'),
    // The build makes `require` of every `import()`, and that loads no ES module on each Node that we run on.
    importModule: (address) => import(address),
  });
}

function quick(argv) {
  const { env, platform } = process;
  const world = {
    env,
    platform,
    path: require('node:path'),
    clock: { now: () => Date.now() },
    get homeDirectory() {
      return require('node:os').homedir();
    },
  };
  require('../dist/quick.cjs')
    .quickAnswer(argv[0], world)
    .then((answer) => {
      if (answer === null || !print(answer.stdout)) full(argv);
      else note(answer.stderr);
    });
}

/** stdout is a pipe, a file or nothing: no terminal, on which both look otherwise. */
function isForMachines() {
  try {
    const status = fstatSync(1);
    return !status.isCharacterDevice() || status.rdev === 259;
  } catch {
    return false;
  }
}

function printVersion() {
  return print(`${require('../package.json').version}\n`);
}

/** Nothing depends on it: a closed stderr costs no answer. */
function note(text) {
  if (text === '') return;
  try {
    writeSync(2, text);
  } catch {}
}

/** false: nothing was written, and the program has to do it. */
function print(text) {
  const bytes = Buffer.from(text);
  if (bytes.length > WHOLE_WRITE && !isFile()) return false;
  let done = 0;
  try {
    // A disk that is nearly full takes a part, and refuses only the rest.
    while (done < bytes.length) done += writeSync(1, bytes, done);
  } catch (error) {
    if (done === 0) return false; // a full disk or a busy pipe: the program says it with the right code
    cutShort(error);
  }
  return true;
}

function isFile() {
  try {
    return fstatSync(1).isFile();
  } catch {
    return false;
  }
}

/** The program would print the whole of it once more, so that this is said here, in its words. */
function cutShort({ code, message }) {
  const words = message.replace(/^\w+: |, write$/g, '');
  const first = code === 'EFBIG' ? 'allow larger files (ulimit -f)' : 'free disk space';
  process.exitCode = LOCAL_IO;
  try {
    writeSync(
      2,
      `alltoken: cannot write the output: ${words} [local_io code=${code}]\nhint: ${first}, then run the same command again\n`,
    );
  } catch {
    // nowhere to say it: the code speaks
  }
}
