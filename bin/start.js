'use strict';
// Starts the bundle, but for what need not wait for it: the version, and two answers that stand in one file.
const { fstatSync, writeSync } = require('node:fs');

/** A write of this many bytes into a pipe is never cut. */
const WHOLE_WRITE = 4096;

module.exports = (argv) => {
  const [command] = argv;
  const isAlone = argv.length === 1;
  if (isAlone && (command === '--version' || command === '-V') && printVersion()) return;
  if (isAlone && (command === 'cost' || command === 'models') && isForMachines()) quick(argv);
  else full(argv);
};

function full(argv) {
  require('../dist/main.cjs').main(argv);
}

function quick(argv) {
  const { env, platform } = process;
  const world = {
    env,
    platform,
    get homeDirectory() {
      return require('node:os').homedir();
    },
  };
  require('../dist/quick.cjs')
    .quickAnswer(argv[0], world)
    .then((text) => {
      if (text === null || text.length > WHOLE_WRITE || !print(text)) full(argv);
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

function print(text) {
  try {
    writeSync(1, text);
    return true;
  } catch {
    return false; // a full disk or a busy pipe: the program says it with the right code
  }
}
