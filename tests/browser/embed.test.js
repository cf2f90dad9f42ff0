// The script of forms that is served is what comes of its source.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import test from 'node:test';

test('embed.min.js is made of embed.js', async () => {
  const project = new URL('../../', import.meta.url);
  const folder = new URL('shared/web/src/form/embed/', project);
  const { transform } = createRequire(`${process.env.SILLON_TEST_BROWSER_TOOLS}/`)('esbuild');
  const source = await readFile(new URL('embed.js', folder), 'utf8');
  const { code } = await transform(source, { minify: true, target: 'es2022', charset: 'utf8' });
  assert.equal(await readFile(new URL('embed.min.js', folder), 'utf8'), code, 'run `npm run embed` in tests/browser');
});
