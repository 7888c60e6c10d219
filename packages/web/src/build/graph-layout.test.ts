import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { GraphNode } from '../api/v2.ts';
import { layOut, nodeHeight, nodeWidth } from './graph-layout.ts';

const step = (name: string, inputs: readonly string[], isCritical = false): GraphNode => ({
  derivation: name,
  name,
  state: 'runnable',
  status: null,
  attempt: null,
  startedAt: null,
  stoppedAt: null,
  seconds: 1,
  isCritical,
  inputs: [...inputs],
});

test('what is needed stands left of what needs it, and no two steps cover each other', () => {
  const { nodes, width, height } = layOut([
    step('top', ['left', 'right'], true),
    step('left', ['bottom']),
    step('right', ['bottom'], true),
    step('bottom', [], true),
  ]);
  const at = new Map(nodes.map((placed) => [placed.node.name, placed]));
  for (const { node, x, y } of nodes) {
    for (const input of node.inputs) assert.ok((at.get(input)?.x ?? Infinity) < x);
    assert.ok(x >= nodeWidth / 2 && x <= width && y >= nodeHeight / 2 && y <= height);
    for (const other of nodes) {
      const apart = Math.abs(other.x - x) >= nodeWidth || Math.abs(other.y - y) >= nodeHeight;
      assert.ok(other.node === node || apart);
    }
  }
});

test('ways from each critical step to the next are critical, short cuts are not', () => {
  const { edges } = layOut([
    step('top', ['middle', 'long', 'short'], true),
    step('middle', ['long'], true),
    step('long', [], true),
    step('short', []),
  ]);
  assert.equal(edges.length, 4);
  assert.equal(edges.filter(({ isCritical }) => isCritical).length, 2);
});

test('a step alone is a graph, too', () => {
  assert.equal(layOut([step('only', [])]).nodes.length, 1);
});
