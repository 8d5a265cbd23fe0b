import { t } from '../i18n/index.js';

/**
 * A gap or a change: the triangle says which way, the colour whether it is good.
 * @param {{direction?: 'up'|'down'|null, tone?: 'good'|'bad'|'warn'|'none', children: import('preact').ComponentChildren, title?: string}} props
 */
export const Delta = ({ direction = null, tone = 'none', children, title }) => (
  <span class={`delta ${tone}`} title={title}>
    {direction ? (
      <svg width="9" height="8" viewBox="0 0 9 8" role="img" aria-label={t(`delta.${direction}`)}>
        <path d={direction === 'up' ? 'M4.5 0L9 8H0z' : 'M4.5 8L0 0h9z'} />
      </svg>
    ) : null}
    <span>{children}</span>
  </span>
);

/**
 * A word in a small box: a state, a kind.
 * @param {{tone?: 'plain'|'bad'|'warn'|'good', children: import('preact').ComponentChildren}} props
 */
export const Tag = ({ tone = 'plain', children }) => <span class={`tag ${tone}`}>{children}</span>;

/**
 * A sentence with its strong words: `**412 k€ facturés.** Il !!manque 216 k€!! au pipeline.`
 * @param {{text: string}} props
 */
export const Rich = ({ text }) => (
  <>
    {text.split(/(\*\*.+?\*\*|!!.+?!!)/).map((piece, i) => {
      if (piece.startsWith('**')) return <b key={i}>{piece.slice(2, -2)}</b>;
      if (piece.startsWith('!!'))
        return (
          <b key={i} class="bad">
            {piece.slice(2, -2)}
          </b>
        );
      return piece;
    })}
  </>
);

/** The same sentence without its marks: for the print title and the window. @param {string} text */
export const plainText = (text) => text.replaceAll(/\*\*|!!/g, '');

/** Initials in a disc. @param {{name: string}} props */
export const Avatar = ({ name }) => (
  <span class="avatar" aria-hidden="true">
    {name
      .split(/[\s-]+/)
      .map((word) => word[0])
      .filter(Boolean)
      .slice(0, 2)
      .join('')
      .toUpperCase()}
  </span>
);
