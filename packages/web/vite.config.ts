import { defineConfig } from 'vite';

const farm = 'http://localhost:3000';

export default defineConfig({
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  // The server allows no script but from its own files: nothing may be put into the page itself.
  build: { target: 'es2022', assetsInlineLimit: 0, modulePreload: { polyfill: false } },
  // For work on the page: `npx vite packages/web` beside a running server.
  server: { proxy: { '/api': farm, '/build/': farm } },
});
