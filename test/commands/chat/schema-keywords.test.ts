/** Each keyword of JSON Schema: an answer that does not match is refused, or it is said that it cannot be checked. Nothing passes unchecked. */
import { describe, expect, test } from 'vitest';
import { ask, stream } from '../../helpers/ask.ts';
import { chunk } from '../../helpers/server.ts';

const draft7 = 'http://json-schema.org/draft-07/schema#';
const draft4 = 'http://json-schema.org/draft-04/schema#';
const tree = {
  type: 'object',
  required: ['name'],
  properties: { name: { type: 'string' }, parts: { type: 'array', items: { $ref: '#' } } },
};

/** A schema, a value that matches, and one that does not. */
const checked: readonly (readonly [object, unknown, unknown])[] = [
  [{ required: ['a'] }, { a: 1 }, {}],
  [{ required: ['a'] }, 'no object', { b: 1 }],
  [{ type: 'object', required: ['a'], properties: { b: {} } }, { a: 1 }, { b: 1 }],
  [{ type: 'object', required: ['toString'] }, { toString: 1 }, {}],
  [{ type: 'object', required: ['__proto__'] }, JSON.parse('{"__proto__":1}'), {}],
  [{ properties: { b: { type: 'string' } } }, { b: 'x' }, { b: 1 }],
  [{ properties: { b: { minimum: 5 } } }, { b: 5 }, { b: 4 }],
  [{ properties: { b: { minimum: 5 } } }, { b: 'no number' }, { b: 4 }],
  [{ properties: { b: false } }, {}, { b: 1 }],
  [{ type: 'object', additionalProperties: false }, {}, { a: 1 }],
  [{ properties: { a: {} }, additionalProperties: { type: 'null' } }, { a: 1 }, { b: 1 }],
  [{ patternProperties: { '^x': { type: 'number' } } }, { x1: 1, y: '' }, { x1: '' }],
  [
    { patternProperties: { '^x': {} }, additionalProperties: { type: 'number' } },
    { x: '', y: 1 },
    { y: '' },
  ],
  [{ properties: { a: {} }, unevaluatedProperties: false }, { a: 1 }, { b: 1 }],
  [{ allOf: [{ properties: { a: {} } }], unevaluatedProperties: false }, { a: 1 }, { b: 1 }],
  [{ propertyNames: { maxLength: 1 } }, { a: 1 }, { ab: 1 }],
  [{ minProperties: 1 }, { a: 1 }, {}],
  [{ maxProperties: 1 }, { a: 1 }, { a: 1, b: 1 }],
  [{ dependentRequired: { a: ['b'] } }, { a: 1, b: 1 }, { a: 1 }],
  [{ dependentSchemas: { a: { required: ['b'] } } }, { b: 1 }, { a: 1 }],
  [{ $schema: draft7, dependencies: { a: ['b'] } }, { a: 1, b: 1 }, { a: 1 }],
  [{ $schema: draft7, dependencies: { a: { required: ['b'] } } }, {}, { a: 1 }],
  [{ items: { type: 'string' } }, ['a'], [1]],
  [{ prefixItems: [{ type: 'string' }] }, ['a', 1], [1]],
  [{ prefixItems: [{}], items: false }, [1], [1, 2]],
  [{ $schema: draft7, items: [{ type: 'string' }], additionalItems: false }, ['a'], ['a', 1]],
  [{ prefixItems: [{}], unevaluatedItems: false }, [1], [1, 2]],
  [{ minItems: 1 }, [1], []],
  [{ type: 'array', minItems: 2 }, [1, 2], [1]],
  [{ maxItems: 1 }, [1], [1, 2]],
  [{ uniqueItems: true }, [1, '1', { a: 1 }], [{ a: 1 }, { a: 1 }]],
  [{ contains: { type: 'number' } }, ['a', 1], ['a']],
  [{ contains: { type: 'number' }, maxContains: 1 }, ['a', 1], ['a']],
  [{ contains: { type: 'number' }, minContains: 2 }, [1, 2], [1]],
  [{ minLength: 2 }, '😀😀', '😀'],
  [{ type: 'string', maxLength: 1 }, '😀', 'ab'],
  [{ pattern: '^a' }, 'ab', 'b'],
  [{ format: 'date' }, '2024-02-29', '2023-02-29'],
  [{ type: 'string', format: 'email' }, 'a@example.com', 'a'],
  [{ type: 'string', format: 'date-time' }, '2024-01-01T00:00:00Z', '2024'],
  [{ minimum: 1 }, 1, 0],
  [{ maximum: 1 }, 1, 2],
  [{ exclusiveMinimum: 1 }, 2, 1],
  [{ exclusiveMaximum: 1 }, 0, 1],
  [{ $schema: draft4, minimum: 1, exclusiveMinimum: true }, 2, 1],
  [{ multipleOf: 0.01 }, 19.99, 19.995],
  [{ multipleOf: 1 }, 1, 1.00000001],
  [{ type: 'integer' }, 1.0, 1.5],
  [{ type: ['string', 'null'] }, null, 1],
  [{ type: 'string', nullable: true }, '', null],
  [{ enum: ['a', 1, null] }, null, 'b'],
  [{ enum: [[1], {}] }, {}, []],
  [{ const: 1 }, 1, 2],
  [{ const: [] }, [], {}],
  [{ const: { a: [1] } }, { a: [1] }, { a: [1], b: 1 }],
  [{ not: { type: 'string' } }, 1, 'a'],
  // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
  [{ if: { type: 'string' }, then: { minLength: 2 }, else: { minimum: 2 } }, 'ab', 1],
  [{ allOf: [{ minimum: 1 }, { maximum: 3 }] }, 2, 4],
  [{ minimum: 1, anyOf: [{ maximum: 3 }, { type: 'string' }] }, 2, 0],
  [{ oneOf: [{ minimum: 1 }, { maximum: 3 }] }, 4, 2],
  [{ required: ['a'], oneOf: [{ type: 'object' }] }, { a: 1 }, {}],
  [{ $ref: '#/$defs/a', $defs: { a: { minimum: 1 } } }, 1, 0],
  [{ $ref: '#/$defs/a', maximum: 3, $defs: { a: { minimum: 1 } } }, 2, 4],
  [{ $schema: draft7, $ref: '#/definitions/a', definitions: { a: { minItems: 1 } } }, [1], []],
  [{ properties: { a: { minimum: 1 }, b: { $ref: '#/properties/a' } } }, { b: 1 }, { b: 0 }],
  [{ properties: { a: { $ref: '#n' } }, $defs: { n: { $anchor: 'n', minimum: 1 } } }, {}, { a: 0 }],
  [tree, { name: 'a', parts: [{ name: 'b' }] }, { name: 'a', parts: [{}] }],
  // Of other programs, and no constraints.
  [{ minimum: 1, 'x-note': { required: true }, examples: [{ type: 'text' }] }, 1, 0],
  [{ type: 'integer', format: 'int32', title: 'n', default: 1 }, 1, 'a'],
];

const uncheckable: readonly (readonly [object, unknown])[] = [
  [{ $ref: 'https://example.com/schema.json' }, 1],
  [{ $ref: '#/$defs/gone' }, 1],
  [{ $ref: '#/x-defs/a', 'x-defs': { a: {} } }, 1],
  [{ $ref: '#' }, 1],
  [{ $dynamicRef: '#a' }, 1],
  [{ $schema: 'https://example.com/own' }, 1],
  [{ type: 'text' }, 1],
  [{ minimum: '5' }, 1],
  [{ exclusiveMinimum: true, minimum: 1 }, 1],
  [{ required: 'a' }, 1],
  [{ properties: { a: 'string' } }, 1],
  [{ minItems: -1 }, 1],
  [{ multipleOf: 1e-8 }, 0.5],
  [{ pattern: '(' }, 1],
  [{ patternProperties: { '(': {} } }, 1],
  [{ format: 'idn-email' }, 'a'],
  [{ anyOf: [] }, 1],
  [{ if: { properties: { a: {} } }, unevaluatedProperties: false }, { a: 1 }],
];

async function answered(value: unknown, schema: object) {
  const reply = stream(chunk({ content: JSON.stringify(value) }) + chunk({}, 'stop'));
  const argv = ['--strict', '--schema', 'k.json', 'Hi', '--json'];
  const { code, world } = await ask(reply, argv, { home: { 'k.json': schema } });
  return { code, problem: code === 0 ? world.json().warnings : world.json().error };
}

describe('chat --strict --schema', () => {
  test.each(checked.map(([schema, yes, no]) => [JSON.stringify(schema), yes, no, schema] as const))(
    '%s takes %j and refuses %j',
    async (_words, yes, no, schema) => {
      expect(await answered(yes, schema)).toEqual({ code: 0, problem: [] });
      expect(await answered(no, schema)).toMatchObject({
        code: 40,
        problem: {
          code: 'not_as_asked',
          message: expect.stringMatching(/does not match the schema( at [^:]+)?: [A-Z\d]/),
        },
      });
    },
  );

  test.each(uncheckable.map(([schema, value]) => [JSON.stringify(schema), value, schema] as const))(
    '%s cannot be checked',
    async (_words, value, schema) => {
      expect(await answered(value, schema)).toMatchObject({
        code: 40,
        problem: { message: expect.stringContaining('cannot be checked here') },
      });
    },
  );

  test('the words are those of the innermost place', async () => {
    const schema = { properties: { 'a/b': { $ref: '#/$defs/n' } }, $defs: { n: { minimum: 5 } } };
    const { problem } = await answered({ 'a/b': 3 }, schema);
    expect(problem).toMatchObject({
      message: expect.stringMatching(/at a\/b: .*3 is less than 5$/),
    });
  });
});
