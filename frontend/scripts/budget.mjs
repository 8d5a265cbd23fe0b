// Fails the build when the first dashboard route weighs more than it may. Bytes as sent: scripts and styles gzipped.
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SCREENS } from '../src/app/screens.js';
import { filesOf } from '../tools/finish.js';

const out = fileURLToPath(new URL('../dist/', import.meta.url));
const manifest = JSON.parse(await readFile(join(out, '.vite/manifest.json'), 'utf8'));
const kB = 1000;
const LIMITS = { script: 45 * kB, style: 12 * kB, font: 30 * kB, all: 100 * kB };
const GOALS = { script: 30 * kB, style: 8 * kB, font: 25 * kB, all: 75 * kB };

/** @param {string} file */
const zipped = async (file) => (await stat(join(out, `${file}.gz`))).size;
/** @param {string[]} files */
const sum = async (files) => (await Promise.all(files.map(zipped))).reduce((total, size) => total + size, 0);

/** @param {string} screen source path of a screen, or nothing for the shell alone; its texts are weighed with it */
async function weigh(screen) {
  const folder = screen.split('/').at(-2);
  const texts = ['dash', folder].map((area) => `src/i18n/areas/${area}.fr.js`);
  const entries = ['index.html', 'src/i18n/fr.js', ...(screen ? [screen, ...texts] : [])];
  const page = await readFile(join(out, 'index.html'), 'utf8');
  const early = /assets\/early-[^"]+\.js/.exec(page)?.[0] ?? '';
  const scripts = [...new Set([early, ...entries.flatMap((name) => filesOf(manifest, name))])];
  const styles = [...page.matchAll(/assets\/[^"]+\.css/g)].map((found) => found[0]);
  const font = /assets\/[^"]+\.woff2/.exec(page)?.[0] ?? '';
  const script = await sum(scripts);
  const style = await sum(styles);
  const face = (await stat(join(out, font))).size;
  return { script, style, font: face, all: script + style + face + (await zipped('index.html')) };
}

const built = SCREENS.map((s) => `src/dashboards/${s.folder}/index.jsx`).filter((name) => manifest[name]);
let failed = false;
for (const screen of built.length ? built : ['']) {
  const weights = await weigh(screen);
  console.log(screen || 'shell');
  for (const [what, size] of Object.entries(weights)) {
    const limit = LIMITS[/** @type {keyof typeof LIMITS} */ (what)];
    const goal = GOALS[/** @type {keyof typeof GOALS} */ (what)];
    const verdict = size > limit ? 'TOO HEAVY' : size > goal ? 'over the goal' : 'ok';
    console.log(
      `  ${what.padEnd(7)}${(size / kB).toFixed(1).padStart(7)} kB of ${limit / kB} (goal ${goal / kB})  ${verdict}`,
    );
    if (size > limit) failed = true;
  }
}
if (failed) process.exitCode = 1;
