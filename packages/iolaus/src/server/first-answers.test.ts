import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { gatherFirstAnswers, writeFirstAnswers } from './first-answers.ts';

suite('first answers', () => {
  test('what fails is left out, whether at once or later', async () => {
    const answers = await gatherFirstAnswers({
      '/api/good': async () => 1,
      '/api/bad': async () => Promise.reject(new Error('no')),
      '/api/worse': () => {
        throw new Error('never');
      },
    });
    assert.deepEqual([...answers], [['/api/good', 1]]);
  });

  test('what takes its time does not hold up the page', async () => {
    const answers = await gatherFirstAnswers({
      '/api/good': async () => 1,
      '/api/slow': () => new Promise(() => {}),
    });
    assert.deepEqual([...answers], [['/api/good', 1]]);
  });

  test('no answer can end its element, and no path its attribute', () => {
    const hostile = { name: '</script><script>alert(1)</script><!--' };
    const html = writeFirstAnswers(new Map([['/api/v2/builds?search="><b>', hostile]]));
    assert.equal(html.match(/</g)?.length, 2);
    const [, path, json] =
      /^<script type="[^"]+" data-answer-to="([^"]+)">(.+)<\/script>$/.exec(html) ?? [];
    assert.equal(path, '/api/v2/builds?search=&quot;&gt;&lt;b&gt;');
    assert.deepEqual(JSON.parse(json ?? ''), hostile);
  });
});
