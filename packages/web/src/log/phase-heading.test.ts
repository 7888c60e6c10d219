import assert from 'node:assert/strict';
import { test } from 'node:test';
import { headingLetters, readHeading } from './phase-heading.ts';

const headings = {
  'Running phase: buildPhase': 'buildPhase',
  'Running phase: glibPreInstallPhase ': 'glibPreInstallPhase',
  'unpacking sources': 'unpackPhase',
  building: 'buildPhase',
  '@nix { "action": "setPhase", "phase": "installPhase" }': 'installPhase',
};

test('headings of phases are known, whoever writes them', () => {
  for (const [line, phase] of Object.entries(headings)) {
    assert.equal(readHeading(line), phase);
    assert.ok(headingLetters.includes(line.charAt(0)));
  }
});

test('what only looks like a heading is none', () => {
  for (const line of ['', 'building foo', 'Running phase: <b>', ' Running phase: x', '@nix {}'])
    assert.equal(readHeading(line), undefined, line);
});
