import { describe, expect, test } from '@jest/globals';
import { Intrinsics } from '../../../lib/local/intrinsics.ts';

const exports = new Map([['data:Table', { stack: 'data', value: { Ref: 'Table' } }]]);
const intrinsics = new Intrinsics({ directory: '', region: 'eu-west-1', resources: [], exports }, (stack, id) =>
  id === 'Missing' ? undefined : { ref: `${stack}-${id}`, attributes: { Arn: `arn:${id}` } },
);

describe('what templates compute is computed', () => {
  test.each<[string, unknown, unknown]>([
    ['plain values', { a: [1, 'b', null] }, { a: [1, 'b', null] }],
    ['a reference', { Ref: 'Queue' }, 'service-Queue'],
    ['an attribute', { 'Fn::GetAtt': ['Queue', 'Arn'] }, 'arn:Queue'],
    ['a pseudo parameter', { Ref: 'AWS::Region' }, 'eu-west-1'],
    ['a join', { 'Fn::Join': ['/', ['a', { Ref: 'Queue' }, { 'Fn::GetAtt': 'Queue.Arn' }]] }, 'a/service-Queue/arn:Queue'],
    ['a substitution', { 'Fn::Sub': `\${AWS::AccountId}:\${Queue}:\${Queue.Arn}` }, '000000000000:service-Queue:arn:Queue'],
    ['another stack’s value', { 'Fn::ImportValue': 'data:Table' }, 'data-Table'],
    ['a part of a list', { 'Fn::Select': [1, { 'Fn::Split': [':', 'a:b:c'] }] }, 'b'],
  ])('%s', (_, value, expected) => {
    expect(intrinsics.resolve('service', value)).toEqual(expected);
  });

  test.each<[string, unknown, RegExp]>([
    ['a resource that is not there', { Ref: 'Missing' }, /Missing does not exist locally/],
    ['an attribute that is not there', { 'Fn::GetAtt': ['Queue', 'Colour'] }, /no Colour/],
    ['a function that nobody needed yet', { 'Fn::Transform': {} }, /Fn::Transform is not understood/],
    ['an import that nobody exports', { 'Fn::ImportValue': 'x' }, /nothing exports/],
  ])('%s is named', (_, value, message) => {
    expect(() => intrinsics.resolve('service', value)).toThrow(message);
  });
});
