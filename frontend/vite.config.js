import { defineConfig } from 'vite';
import { finish } from './tools/finish.js';
import { schema } from './tools/schema.js';

const api = (process.env.CADRAN_API ?? '').replace(/\/+$/, '');
const base = process.env.CADRAN_BASE ?? '/app/';

const CORE = new RegExp(
  [
    'node_modules/(preact|preact-iso|@preact)/',
    'src/api/(client|query)\\.js',
    'src/i18n/(index|format)\\.js',
    'src/app/(App|Lazily|Shell|UserMenu|paths|periods|registry|screens|session|theme)\\.jsx?',
    'src/ui/(Button|Icon|Menu|States|Text|Toast|busy|keys)\\.jsx?',
  ].join('|'),
);

/** What the four screens share. */
const BOARD = new RegExp(
  [
    'src/app/(ScopeBar|dashboard|scope)\\.jsx?',
    'src/charts/(Bullet|Spark|geometry|parts)\\.jsx?',
    'src/dashboards/(Explain|Screen|Tile|drill|figures)\\.jsx?',
    'src/ui/(Choices|KpiTile|hooks)\\.jsx?',
  ].join('|'),
);

export default defineConfig({
  base,
  define: { __CADRAN_API__: JSON.stringify(api) },
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    target: 'es2023',
    manifest: true,
    assetsInlineLimit: 0,
    // The early script preloads what the first screen needs; without preloads and with one style sheet, imports
    // need no helper in the script. One chunk for what every page needs packs better than the fifteen found by sharing.
    modulePreload: false,
    cssCodeSplit: false,
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            { name: 'core', test: CORE },
            { name: 'board', test: BOARD },
          ],
        },
      },
    },
  },
  server: {
    // Everything but the app itself belongs to the API; the host is kept, so that cookies and same-origin checks hold.
    proxy: { '^/(?!app(/|$)).*': { target: process.env.CADRAN_DEV_API ?? 'http://127.0.0.1:8000' } },
  },
  plugins: [schema(), finish({ api, base })],
});
