/** @type {Set<string>} */
const adopted = new Set();

/**
 * Adds the styles of a part that is loaded on demand, so that the first screen does not carry them:
 * `import css from '../styles/records.css?inline'; adopt(css)`.
 * @param {string} css
 */
export function adopt(css) {
  if (adopted.has(css)) return;
  adopted.add(css);
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
}
