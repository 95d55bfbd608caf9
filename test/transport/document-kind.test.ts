import { describe, expect, test } from 'vitest';
import { documentKind } from '../../src/transport/document-kind.ts';

const kindOf = (text: string) => documentKind(Buffer.from(text));

describe('the kind of a document', () => {
  test.each('html head body title meta script style center div p h1 h2 pre table a b'.split(' '))(
    'that begins with <%s> is html, without any <html>',
    (name) => {
      expect(kindOf(`<${name}>busy`)).toBe('html');
      expect(kindOf(`<${name.toUpperCase()} x="1">busy`)).toBe('html');
      expect(kindOf(`<!-- x -->\n<${name}>busy`)).toBe('html');
    },
  );

  test.each([
    ['<!DOCTYPE html>', 'html'],
    ['<?xml version="1.0"?>\n<!doctype svg>\n<svg xmlns="http://www.w3.org/2000/svg"/>', 'svg'],
    ['<svg:svg/>', 'svg'],
    ['<Error><Code>ExpiredToken</Code></Error>', 'xml'],
    ['<titles/>', 'xml'],
    ['{"error": {}}', 'json'],
    ['[1]', 'json'],
    ['"busy"', 'json'],
    ['busy <', 'text'],
    ['', null],
    ['\0\0\0\x18ftypmp42', null],
  ])('%j: %s', (text, kind) => expect(kindOf(text)).toBe(kind));
});
