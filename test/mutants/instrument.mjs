/** Makes the mutants: a copy of the sources with every mutant in it, each switched on by its number. StrykerJS's instrumenter does it. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Instrumenter } from '@stryker-mutator/instrumenter';
import ts from 'typescript';

const silent = { debug() {}, info() {}, warn() {}, isDebugEnabled: () => false };
const options = { plugins: null, excludedMutations: [], ignorers: [], noHeader: false };

/**
 * @param {string} root the repository
 * @param {string[]} names of the files to change, relative to it
 * @returns {Promise<{files: Map<string, string>, mutants: object[]}>} a mutant: id, file, line, column, mutator, original, replacement, isLoading
 */
export async function instrument(root, names) {
  const sources = new Map(names.map((name) => [name, readFileSync(join(root, name), 'utf8')]));
  const trees = new Map(
    [...sources].map(([name, text]) => [
      name,
      ts.createSourceFile(name, text, ts.ScriptTarget.Latest),
    ]),
  );
  const { files, mutants } = await new Instrumenter(silent).instrument(
    [...sources].map(([name, content]) => ({ name, content, mutate: true })),
    options,
  );
  return {
    files: new Map(files.map(({ name, content }) => [name, content])),
    mutants: mutants.map(({ id, fileName, location, mutatorName, replacement }) => ({
      id,
      file: fileName,
      // The instrumenter counts lines from 0.
      line: location.start.line + 1,
      column: location.start.column + 1,
      mutator: mutatorName,
      original: textAt(sources.get(fileName), location),
      replacement,
      isLoading: isOutside(trees.get(fileName), location.start),
    })),
  };
}

/** Whether this is run once, when the file is loaded: in no function, and in no part of a class that each object has. */
function isOutside(tree, { line, column }) {
  const at = tree.getPositionOfLineAndCharacter(line, column);
  const inner = (node) =>
    ts.forEachChild(node, (child) => {
      if (at < child.getStart(tree) || at >= child.end) return undefined;
      // A mutant of a function as a whole takes its place when it is made.
      const isInside = at > child.getStart(tree);
      if (isInside && (ts.isFunctionLike(child) || ts.isPropertyDeclaration(child))) return true;
      return inner(child);
    });
  return inner(tree) !== true;
}

function textAt(source, { start, end }) {
  const lines = source.split('\n').slice(start.line, end.line + 1);
  lines[lines.length - 1] = lines.at(-1).slice(0, end.column);
  lines[0] = lines[0].slice(start.column);
  return lines.join('\n');
}
