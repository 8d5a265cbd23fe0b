// Writes the subset of Instrument Sans that the product bundles. Run by hand after an update of the font package.
import { readFile, writeFile } from 'node:fs/promises';
import subset from 'subset-font';

const source = new URL('../node_modules/@fontsource-variable/instrument-sans/', import.meta.url);
const target = new URL('../src/styles/font/', import.meta.url);

const span = (/** @type {number} */ from, /** @type {number} */ to) =>
  String.fromCodePoint(...Array.from({ length: to - from + 1 }, (_, i) => from + i));
const latin = `${span(0x20, 0x7e)}${span(0xa0, 0xff)}ŒœŸ\u2009\u202f–—‘’‚“”„†•…‰‹›€™←↑→↓−`;

const whole = await readFile(new URL('files/instrument-sans-latin-wght-normal.woff2', source));
const small = await subset(whole, latin, {
  targetFormat: 'woff2',
  variationAxes: { wght: { min: 400, max: 700 } },
});
await writeFile(new URL('instrument-sans-latin.woff2', target), small);

// Letters of other European languages: a file of its own, fetched by a browser only when such a letter is shown.
const extended = await readFile(new URL('files/instrument-sans-latin-ext-wght-normal.woff2', source));
const letters = `${span(0x100, 0x17f)}ȘșȚțẞ`;
await writeFile(
  new URL('instrument-sans-latin-ext.woff2', target),
  await subset(extended, letters, { targetFormat: 'woff2' }),
);
await writeFile(new URL('OFL.txt', target), await readFile(new URL('LICENSE', source)));
