/** What the wizard reads of a file before it is sent: its header, to map columns. The rest is the API's to read. */

const DELIMITERS = [';', ',', '\t'];

/**
 * The names of the columns of a CSV or JSON Lines file; null when only the server can read it (a workbook).
 * @param {Blob & {name?: string}} file
 * @returns {Promise<string[] | null>}
 */
export async function headerOf(file) {
  const start = new Uint8Array(await file.slice(0, 65_536).arrayBuffer());
  if (start[0] === 0x50 && start[1] === 0x4b) return null;
  const text = decoded(start);
  if (text.trimStart().startsWith('{')) {
    try {
      return Object.keys(JSON.parse(text.split('\n')[0]));
    } catch {
      return null;
    }
  }
  const best = DELIMITERS.map((mark) => firstRow(text, mark)).sort((a, b) => b.length - a.length)[0];
  return best.map((name) => name.trim()).filter(Boolean);
}

/** @param {Uint8Array} bytes @returns {string} UTF-8, UTF-16 with a mark, else Windows-1252 */
function decoded(bytes) {
  if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff))
    return new TextDecoder(bytes[0] === 0xff ? 'utf-16le' : 'utf-16be').decode(bytes);
  try {
    // A character cut at the end of the slice is no reason to take it for another encoding.
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true });
  } catch {
    return new TextDecoder('windows-1252').decode(bytes);
  }
}

/** @param {string} text @param {string} mark @returns {string[]} */
function firstRow(text, mark) {
  const cells = [''];
  let quoted = false;
  for (const letter of text.replace(/^\uFEFF/, '')) {
    if (letter === '"') quoted = !quoted;
    else if (!quoted && letter === mark) cells.push('');
    else if (!quoted && (letter === '\n' || letter === '\r')) break;
    else cells[cells.length - 1] += letter;
  }
  return cells;
}

/** @param {string} text @returns {string} lower case, without accents, one word */
const plain = (text) =>
  text
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_|_$/g, '');

/**
 * Which field each column is, as far as its name tells: the field's own name, or its label in either language.
 * @param {string[]} header @param {{header: string, field: string}[]} columns of the API @param {(field: string) => string[]} labelsOf
 * @returns {Record<string, string>} by column; empty where nothing fits
 */
export function guessed(header, columns, labelsOf) {
  /** @type {Map<string, string>} */
  const known = new Map();
  for (const one of columns)
    for (const label of labelsOf(one.field)) {
      const key = plain(label);
      if (key && !known.has(key)) known.set(key, one.header);
    }
  for (const one of columns) known.set(plain(one.header), one.header);
  const taken = new Set();
  return Object.fromEntries(
    header.map((name) => {
      const found = known.get(plain(name)) ?? '';
      if (!found || taken.has(found)) return [name, ''];
      taken.add(found);
      return [name, found];
    }),
  );
}

/**
 * The mapping as the API takes it: nothing for a column that already has its field's name.
 * @param {Record<string, string>} mapping
 * @returns {string[]} `header=field`
 */
export const stated = (mapping) =>
  Object.entries(mapping)
    .filter(([name, field]) => name.trim().toLowerCase() !== field)
    .map(([name, field]) => `${name}=${field}`);
