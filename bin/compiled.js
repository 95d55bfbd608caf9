'use strict';
// Loads the bundle with the code that V8 compiled for it at an earlier start: that is a third of the CPU of a short call.
// It is kept in our cache directory, for this build and this Node, by command, since each command compiles other
// functions. Whatever is missing, unreadable or refused by V8 is compiled as usual; what cannot be written is left out.
const {
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} = require('node:fs');
const { dirname, isAbsolute, join } = require('node:path');
const { Script } = require('node:vm');
const { crc32 } = require('node:zlib');

const dist = join(__dirname, '../dist');
/** Builds and versions of Node whose code is kept: somebody may use two by turns. */
const MOST_BUILDS = 4;
const SUM_BYTES = 4;

/** What a file of the bundle exports. `command`: the first word of the command line. */
module.exports = (name, command) => {
  const folder = /^[a-z]{1,20}$/.test(command ?? '') ? command : 'none';
  const root = cacheRoot();
  const place = root === null ? null : join(root, build(), folder);
  const fresh = [];
  if (place !== null) process.on('exit', (code) => code === 0 && keep(root, place, fresh));
  return load(name);

  function load(file) {
    const path = join(dist, file);
    const source = readFileSync(path, 'latin1');
    const kept = place === null ? undefined : read(join(place, file));
    const script = new Script(
      `(function (exports, require, module, __filename, __dirname) {${source}\n})`,
      { filename: path, ...(kept === undefined ? {} : { cachedData: kept }) },
    );
    if (kept === undefined) fresh.push([file, script]);
    const made = { exports: {} };
    const local = (id) => (id.startsWith('./') ? load(id.slice(2)) : require(id));
    script.runInThisContext()(made.exports, local, made, path, dist);
    return made.exports;
  }
};

/** The same build has the same files: that of `main.cjs` stands for all. */
function build() {
  const { size, mtimeMs } = statSync(join(dist, 'main.cjs'));
  return `${process.version}-${process.arch}-${size}-${Math.floor(mtimeMs).toString(36)}`;
}

/** V8 trusts what it is given, and crashes on a flipped bit: a checksum stands before it. */
function read(path) {
  try {
    const bytes = readFileSync(path);
    const data = bytes.subarray(SUM_BYTES);
    return bytes.readUInt32LE(0) === crc32(data) ? data : undefined;
  } catch {
    return undefined;
  }
}

function withSum(data) {
  const sum = Buffer.alloc(SUM_BYTES);
  sum.writeUInt32LE(crc32(data));
  return Buffer.concat([sum, data]);
}

/** Only after a run that went well: it went all the way. */
function keep(root, place, fresh) {
  if (fresh.length === 0) return;
  try {
    makeWithParents(place);
    for (const [file, script] of fresh) {
      const temporary = join(place, `${file}.${process.pid}.tmp`);
      writeFileSync(temporary, withSum(script.createCachedData()), { mode: 0o600 });
      renameSync(temporary, join(place, file));
    }
    const builds = readdirSync(root).map((name) => join(root, name));
    const byAge = builds.sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs);
    for (const old of byAge.slice(MOST_BUILDS)) rmSync(old, { recursive: true, force: true });
  } catch {
    // a full or read-only disk: the next start compiles again
  }
}

/** Ours, because Node's own `recursive` loops for ever where a directory takes no names, as below /proc. */
function makeWithParents(path) {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return;
  const parent = dirname(path);
  if (parent !== path) makeWithParents(parent);
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
  }
}

/** As in `src/config/places.ts`; null where it is switched off, or where nothing can be kept. */
function cacheRoot() {
  const { env, platform } = process;
  const own = env.ALLTOKEN_COMPILE_CACHE ?? '';
  if (own === '0' || env.NODE_DISABLE_COMPILE_CACHE === '1') return null;
  if (isAbsolute(own)) return own;
  const inHome = (folder, base) => (base && isAbsolute(base) ? join(base, folder) : undefined);
  const cache = env.ALLTOKEN_HOME
    ? inHome('cache', env.ALLTOKEN_HOME)
    : (inHome('alltoken', env.XDG_CACHE_HOME) ??
      (platform === 'win32'
        ? inHome('alltoken/cache', env.LOCALAPPDATA)
        : inHome('.cache/alltoken', env.HOME)));
  return cache === undefined ? null : join(cache, 'compiled');
}
