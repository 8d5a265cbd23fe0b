import { defineConfig } from 'vite';
import { finish } from './tools/finish.js';

const api = (process.env.CADRAN_API ?? '').replace(/\/+$/, '');
const base = process.env.CADRAN_BASE ?? '/app/';

export default defineConfig({
  base,
  define: { __CADRAN_API__: JSON.stringify(api) },
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    target: 'es2023',
    manifest: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: {
    // Everything but the app itself belongs to the API; the host is kept, so that cookies and same-origin checks hold.
    proxy: { '^/(?!app(/|$)).*': { target: process.env.CADRAN_DEV_API ?? 'http://127.0.0.1:8000' } },
  },
  plugins: [finish({ api, base })],
});
