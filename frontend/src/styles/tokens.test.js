import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const HERE = import.meta.dirname;
const tokens = readFileSync(join(HERE, 'tokens.css'), 'utf8');
/** @type {Record<string, [string, string]>} */
const colours = {};
for (const m of tokens.matchAll(/--([\w-]+): light-dark\((#\w{6}), (#\w{6})\)/g))
  colours[m[1]] = [m[2], m[3]];

/** @param {string} hex relative luminance, WCAG 2.2 */
const luminance = (hex) => {
  const [r, g, b] = [1, 3, 5].map((i) => {
    const c = Number.parseInt(hex.slice(i, i + 2), 16) / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
/** @param {string} a @param {string} b */
const contrast = (a, b) => {
  const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
};

const TEXT = [
  ...['page', 'card', 'raised'].flatMap((ground) =>
    ['ink', 'ink-2', 'ink-3', 'accent', 'bad', 'warn'].map((ink) => [ink, ground]),
  ),
  ['ink-2', 'track'],
  ['ink', 'accent-soft'],
  ['ink-2', 'accent-soft'],
  ['accent', 'accent-soft'],
  ['bad', 'bad-soft'],
  ['warn', 'warn-soft'],
  ['ink', 'warn-soft'],
  ['ink-2', 'warn-soft'],
  ['on-accent', 'accent'],
  ['on-accent', 'accent-strong'],
  ['on-accent', 'mark'],
  ['page', 'ink'],
];
const MARKS = [
  ...['mark', 'mark-2', 'mark-3', 'bad', 'warn', 'edge', 'accent'].map((mark) => [mark, 'card']),
  ['mark', 'track'],
  ['mark-2', 'track'],
  ['bad', 'track'],
  ['edge', 'page'],
];

describe.each([
  ['light', 0],
  ['dark', 1],
])('%s', (_, theme) => {
  it.each(TEXT)('text %s is readable on %s', (ink, ground) => {
    expect(contrast(colours[ink][theme], colours[ground][theme])).toBeGreaterThanOrEqual(4.5);
  });
  it.each(MARKS)('mark %s can be made out on %s', (mark, ground) => {
    expect(contrast(colours[mark][theme], colours[ground][theme])).toBeGreaterThanOrEqual(3);
  });
});

it('names no colour outside the tokens', () => {
  const found = [];
  for (const entry of readdirSync(join(HERE, '..'), { recursive: true }).map(String)) {
    if (!/\.(css|jsx)$/.test(entry) || /tokens\.css$|\.test\./.test(entry)) continue;
    const text = readFileSync(join(HERE, '..', entry), 'utf8');
    for (const m of text.matchAll(/(?<![&\w])#[0-9a-f]{3,8}\b(?!['"]?\))|\b(?:rgb|hsl|oklch)a?\(/gi))
      found.push(`${entry}: ${m[0]}`);
  }
  expect(found).toEqual([]);
});

it('spaces things by the tokens', () => {
  const found = [];
  for (const file of readdirSync(HERE).filter((name) => name.endsWith('.css') && name !== 'tokens.css'))
    for (const m of readFileSync(join(HERE, file), 'utf8').matchAll(
      /^\s*(padding|margin|gap|row-gap)[\w-]*: ([^;]+);/gm,
    ))
      if (
        /(?<![\w-])(?:[1-9]\d*)px/.test(m[2].replace(/calc\([^)]*\)/g, '')) &&
        !/^-?[123]px|^0 1px|^1px /.test(m[2])
      )
        found.push(`${file}: ${m[0].trim()}`);
  expect(found).toEqual([]);
});
