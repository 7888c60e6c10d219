import assert from 'node:assert/strict';
import { test } from 'node:test';
import { essentialMessage } from './nix-message.ts';

test('of what Nix 2.8 prints, the message and the position stay', () => {
  const printed = `\u001B[31;1merror:\u001B[0m attribute 'foo' missing

       \u001B[34;1mat \u001B[35;1m/work/release.nix:2:5\u001B[0m:

            1| {
            2|   m = {}.foo;
             |     \u001B[31;1m^\u001B[0m
            3| }
(use '--show-trace' to show detailed location information)
`;
  assert.equal(essentialMessage(printed), "attribute 'foo' missing\nat /work/release.nix:2:5");
});

test('of what Nix 2.34 prints, the way to the error goes', () => {
  const printed = `error:
       … while evaluating the attribute 'm'
         at /work/release.nix:2:3:
            1| {
            2|   m = throw "boom";
             |   ^

       … while calling the 'throw' builtin
         at «string»:2:7:

       error: boom
`;
  assert.equal(essentialMessage(printed), 'boom');
});

test('a position in our own expression is not told', () => {
  const printed = `error: value is a string while a set was expected

       at «string»:44:7:

           44|     x
             |     ^
`;
  assert.equal(essentialMessage(printed), 'value is a string while a set was expected');
});

test('all lines of a message stay', () => {
  assert.equal(essentialMessage('warning: old\nerror: one\n       two\n'), 'one\ntwo');
});

test('where no error was printed, there is no message', () => {
  assert.equal(essentialMessage('warning: this is old\n'), '');
});
