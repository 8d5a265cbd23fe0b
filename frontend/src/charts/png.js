/**
 * A tile as a picture: the element is copied with the styles it has on the screen into an SVG, and drawn at twice its size.
 * Needs `img-src data:` in the content security policy. Fetched only when someone asks for a picture.
 */
import font from '../styles/font/instrument-sans-latin.woff2?url';

const COPIED =
  `align-items align-content justify-content justify-items background-color background-image border-top border-right
 border-bottom border-left border-radius border-collapse box-sizing color column-gap row-gap display fill fill-opacity flex
 flex-wrap font-family font-size font-weight font-variant-numeric grid-template-columns grid-template-rows grid-column grid-row
 height letter-spacing line-height list-style-type margin max-width min-width opacity overflow padding position inset stroke
 stroke-width stroke-dasharray stroke-linecap stroke-linejoin text-align text-anchor text-decoration-line text-overflow text-wrap
 transform vertical-align visibility white-space width`.split(/\s+/);
const DROPPED = 'button, .vh, script, .no-print';

/** @param {Blob} blob @returns {Promise<string>} */
const dataUrl = (blob) =>
  new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result));
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(blob);
  });

/** @param {Element} from @param {Element} to copies the drawn styles of a tree onto its clone */
function dress(from, to) {
  const style = getComputedStyle(from);
  const text = COPIED.map((name) => `${name}:${style.getPropertyValue(name)}`).join(';');
  // By the object model, which the content security policy allows, and not by the attribute, which it refuses.
  /** @type {HTMLElement} */ (to).style.cssText = text;
  for (let i = 0; i < from.children.length; i++) dress(from.children[i], to.children[i]);
}

/**
 * @param {HTMLElement} element the panel or tile to draw
 * @returns {Promise<Blob>} PNG, twice the size on the screen
 */
export async function toPng(element) {
  const { width, height } = element.getBoundingClientRect();
  const clone = /** @type {HTMLElement} */ (element.cloneNode(true));
  dress(element, clone);
  for (const part of clone.querySelectorAll(DROPPED)) part.remove();
  clone.style.margin = '0';
  const face = await dataUrl(await (await fetch(font)).blob());
  const body = new XMLSerializer().serializeToString(clone);
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width * 2}" height="${height * 2}" viewBox="0 0 ${width} ${height}"><style>@font-face{font-family:'Instrument Sans';font-weight:400 700;src:url(${face})}</style><foreignObject width="100%" height="100%"><div xmlns="http://www.w3.org/1999/xhtml">${body}</div></foreignObject></svg>`;
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
  await image.decode();
  const canvas = document.createElement('canvas');
  canvas.width = width * 2;
  canvas.height = height * 2;
  /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d')).drawImage(image, 0, 0);
  return new Promise((resolve, reject) =>
    canvas.toBlob(
      (blob) => (blob ? resolve(blob) : reject(new Error('The picture could not be drawn.'))),
      'image/png',
    ),
  );
}

/**
 * Hands a file to the user.
 * @param {Blob} blob @param {string} name with its extension
 */
export function download(blob, name) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
