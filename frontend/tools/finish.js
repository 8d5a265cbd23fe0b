import { createHash } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import { transformWithOxc } from 'vite';
import { SCOPE_KEYS, SCREENS } from '../src/app/screens.js';

const brotli = promisify(brotliCompress);
const zip = promisify(gzip);

/**
 * Files of a chunk and of everything it imports statically.
 * @param {Record<string, {file: string, imports?: string[]}>} manifest Vite's manifest
 * @param {string} name source path of the chunk
 * @param {Set<string>} [seen]
 * @returns {string[]}
 */
export function filesOf(manifest, name, seen = new Set()) {
  const chunk = manifest[name];
  if (!chunk || seen.has(name)) return [];
  seen.add(name);
  return [chunk.file, ...(chunk.imports ?? []).flatMap((next) => filesOf(manifest, next, seen))];
}

/** @param {string} text @returns {string} a name that changes with it */
const digest = (text) => createHash('sha256').update(text).digest('base64url').slice(0, 8);

/**
 * Vite plugin, last step of a build: adds the early script to the page and writes .gz and .br beside every text file.
 * @param {{api: string, base: string}} options
 * @returns {import('vite').Plugin}
 */
export function finish({ api, base }) {
  let out = '';
  return {
    name: 'cadran-finish',
    apply: 'build',
    configResolved(config) {
      out = join(config.root, config.build.outDir);
    },
    async closeBundle() {
      const manifest = JSON.parse(await readFile(join(out, '.vite/manifest.json'), 'utf8'));
      const loaded = new Set(filesOf(manifest, 'index.html'));
      const files = (/** @type {string} */ name) =>
        filesOf(manifest, name).filter((file) => !loaded.has(file));
      /** Texts of a screen, by language. @param {string} folder */
      const texts = (folder) =>
        Object.fromEntries(
          ['fr', 'en'].map((code) => [
            code,
            ['dash', folder].flatMap((area) => files(`src/i18n/areas/${area}.${code}.js`)),
          ]),
        );
      const screens = Object.fromEntries(
        SCREENS.filter((screen) => manifest[`src/dashboards/${screen.folder}/index.jsx`]).map((screen) => [
          screen.path,
          {
            dashboard: screen.dashboard,
            files: files(`src/dashboards/${screen.folder}/index.jsx`),
            texts: texts(screen.folder),
          },
        ]),
      );
      const languages = { fr: files('src/i18n/fr.js'), en: files('src/i18n/en.js') };
      const early = JSON.stringify({ api, base, screens, languages, scope: SCOPE_KEYS });
      const source = await readFile(new URL('early-client.js', import.meta.url), 'utf8');
      const { code } = await transformWithOxc(source.replace('= __EARLY__', `= ${early}`), 'early.js', {
        sourcemap: false,
      });
      const name = `assets/early-${digest(code)}.js`;
      await writeFile(join(out, name), code);
      const page = await readFile(join(out, 'index.html'), 'utf8');
      const preloads = [...loaded]
        .filter((file) => !page.includes(file))
        .map((file) => `\n    <link rel="modulepreload" crossorigin href="${base}${file}">`);
      await writeFile(
        join(out, 'index.html'),
        page.replace('</title>', `</title>\n    <script src="${base}${name}"></script>${preloads.join('')}`),
      );
      const all = (await readdir(join(out, 'assets'))).map((file) => `assets/${file}`).sort();
      const build = JSON.stringify({ name: digest(all.join()), files: all });
      const worker = await readFile(join(out, 'sw.js'), 'utf8');
      await writeFile(join(out, 'sw.js'), worker.replace(/const BUILD = .*/, `const BUILD = ${build};`));
      for (const entry of await readdir(out, { recursive: true })) {
        if (!/\.(js|css|html|svg|webmanifest)$/.test(entry)) continue;
        const file = join(out, entry);
        const body = await readFile(file);
        await writeFile(`${file}.gz`, await zip(body, { level: 9 }));
        await writeFile(
          `${file}.br`,
          await brotli(body, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }),
        );
      }
    },
  };
}
