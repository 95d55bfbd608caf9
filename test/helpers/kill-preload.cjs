/**
 * Loaded into the executable before its own code: numbers each step that changes a file or uses the network, writes the
 * names of the steps to a log, and ends its process by SIGKILL at one of them. It changes no result, but for a file system
 * without hard links when that is asked for; and it makes waits between half a second and five short.
 *
 * KILL_PLAN is JSON: `log` is the path of the log; `places` maps a directory to the word that stands for it in names;
 * `name` and `occurrence` (from 1) are the step to die at, `how` is 'after' it, 'before' it or 'torn' (half of a write);
 * `links` false: hard links fail with EPERM.
 */
'use strict';
const fs = require('node:fs');
const { relative, isAbsolute } = require('node:path');

const plan = JSON.parse(process.env.KILL_PLAN ?? '{}');
const real = { ...fs };
const log = real.openSync(plan.log, 'a');
/** What is open: number → name. Closing what was only read is no step. */
const open = new Map();
const reading = new Set();
const seen = new Map();

/** Runs one step, and dies at it when it is the one. `half` does half of it; null where there is no such thing. */
function step(name, whole, half) {
  const fatal = isFatal(name);
  if (fatal && plan.how === 'before') die();
  if (fatal && plan.how === 'torn') {
    half?.();
    die();
  }
  try {
    return whole();
  } finally {
    if (fatal) die();
  }
}

function isFatal(name) {
  const occurrence = (seen.get(name) ?? 0) + 1;
  seen.set(name, occurrence);
  real.writeSync(log, `${name}\n`);
  return name === plan.name && occurrence === plan.occurrence;
}

function die() {
  process.kill(process.pid, 'SIGKILL');
  for (;;); // the signal is on its way
}

/** The path below one of the places, without what differs from run to run; null for any other. */
function nameOf(path) {
  for (const [place, word] of Object.entries(plan.places ?? {})) {
    const inside = relative(place, String(path));
    if (inside.startsWith('..') || isAbsolute(inside)) continue;
    return `${word}/${inside}`
      .replace(/job_[0-9a-f]{12}/, 'job')
      .replace(/\.lock-\d+-[\w-]+$/, '.lock')
      .replace(/\.json\.\w+\.tmp$/, '.json.tmp')
      .replace(/\.alltoken-[0-9a-f-]{36}$/, '.alltoken-try')
      .replace(/(alltoken-(?:image|video))-\w{8}/, '$1')
      .replace(/\d{4}-\d\d\.jsonl$/, 'month.jsonl');
  }
  return null;
}

function wrapPath(name, verb) {
  fs[name] = (path, ...rest) => {
    const word = nameOf(path);
    const whole = () => real[name](path, ...rest);
    return word === null ? whole() : step(`${verb} ${word}`, whole);
  };
}

function wrapTwoPaths(name, verb) {
  fs[name] = (from, to) => {
    const fails = name === 'linkSync' && plan.links === false;
    const whole = () => {
      if (fails) throw noLinks(to);
      return real[name](from, to);
    };
    const word = nameOf(to);
    return word === null ? whole() : step(`${fails ? 'fail to ' : ''}${verb} ${word}`, whole);
  };
}

/** A file system that has no links looks at the new name first, as Linux does. */
function noLinks(path) {
  const code = real.lstatSync(path, { throwIfNoEntry: false }) === undefined ? 'EPERM' : 'EEXIST';
  return Object.assign(new Error(`${code}: link`), { code, syscall: 'link' });
}

function wrapNumber(name, verb) {
  fs[name] = (file, ...rest) => {
    const word = open.get(file);
    const whole = () => real[name](file, ...rest);
    return word === undefined ? whole() : step(`${verb} ${word}`, whole);
  };
}

/** As a word, or as the system's own bits: reading is the access mode 0. */
function onlyReads(flags) {
  return flags === 'r' || flags === undefined || (typeof flags === 'number' && (flags & 3) === 0);
}

fs.openSync = (path, flags, ...rest) => {
  const word = nameOf(path);
  const whole = () => real.openSync(path, flags, ...rest);
  if (word === null) return whole();
  if (onlyReads(flags)) {
    const file = whole();
    open.set(file, word);
    reading.add(file);
    return file;
  }
  return step(`open ${word}`, () => {
    const file = whole();
    open.set(file, word);
    return file;
  });
};

fs.closeSync = (file) => {
  const word = open.get(file);
  open.delete(file);
  if (reading.delete(file) || word === undefined) return real.closeSync(file);
  return step(`close ${word}`, () => real.closeSync(file));
};

fs.writeSync = (file, bytes, offset = 0, length = bytes.length - offset, position = null) => {
  const word = open.get(file);
  const write = (size) => real.writeSync(file, bytes, offset, size, position);
  if (word === undefined) return write(length);
  return step(
    `write ${word}`,
    () => write(length),
    () => write(Math.floor(length / 2)),
  );
};

// Asynchronous: the step is over when the system says so.
function wrapLater(name, verb, half) {
  fs[name] = (file, ...rest) => {
    const word = open.get(file);
    if (word === undefined) return real[name](file, ...rest);
    const fatal = isFatal(`${verb} ${word}`);
    if (fatal && plan.how === 'torn') half?.(file, ...rest);
    if (fatal && plan.how !== 'after') die();
    const done = rest.pop();
    return real[name](file, ...rest, (...results) => {
      if (fatal) die();
      done(...results);
    });
  };
}

wrapLater('fsync', 'fsync');
wrapLater('write', 'write', (file, bytes, offset, length, position) =>
  real.writeSync(file, bytes, offset, Math.floor(length / 2), position),
);
wrapNumber('fsyncSync', 'fsync');
wrapNumber('ftruncateSync', 'truncate');
wrapPath('mkdirSync', 'mkdir');
wrapPath('rmSync', 'remove');
wrapTwoPaths('renameSync', 'rename');
wrapTwoPaths('linkSync', 'link');

const http = require('node:http');
const { request } = http;
http.request = (options) => {
  const path = options.path.replace(/\?.*$/, '').replace(/\/[iv]gen_\w+$/, '/id');
  const call = `${options.method} ${path}`;
  const sending = step(`send ${call}`, () => request(options));
  const { emit } = sending;
  sending.emit = (event, ...rest) =>
    event === 'response'
      ? step(`head ${call}`, () => emit.call(sending, event, ...rest))
      : emit.call(sending, event, ...rest);
  return sending;
};

const { setTimeout } = globalThis;
globalThis.setTimeout = (work, ms, ...rest) =>
  setTimeout(work, ms >= 500 && ms <= 5000 ? ms / 25 : ms, ...rest);
