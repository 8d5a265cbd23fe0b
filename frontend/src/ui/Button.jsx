import { Icon } from './Icon.jsx';

/**
 * @typedef {{variant?: 'primary'|'plain'|'quiet'|'danger', size?: 'normal'|'small', icon?: string, busy?: boolean, href?: string,
 *   class?: string, children?: import('preact').ComponentChildren, [other: string]: any}} ButtonProps
 *   `href` makes it a link; `busy` keeps its width, says so, and refuses a second press
 */

/** @param {ButtonProps} props */
export function Button({
  variant = 'plain',
  size = 'normal',
  icon,
  busy,
  href,
  class: name = '',
  children,
  ...rest
}) {
  const kind = `button ${variant} ${size} ${busy ? 'busy' : ''} ${name}`;
  const content = (
    <>
      {icon ? <Icon name={icon} size={16} /> : null}
      <span class="button-text">{children}</span>
    </>
  );
  if (href)
    return (
      <a class={kind} href={href} {...rest}>
        {content}
      </a>
    );
  return (
    <button
      type="button"
      {...rest}
      class={kind}
      aria-busy={busy || undefined}
      onClick={busy ? undefined : rest.onClick}
    >
      {content}
    </button>
  );
}

/**
 * A square button with an icon; its label is said and shown on hover.
 * @param {{icon: string, label: string, size?: 'normal'|'small', href?: string, class?: string, [other: string]: any}} props
 */
export function IconButton({ icon, label, size = 'normal', href, class: name = '', ...rest }) {
  const kind = `icon-button ${size} ${name}`;
  const drawing = <Icon name={icon} size={size === 'small' ? 16 : 18} />;
  if (href)
    return (
      <a class={kind} href={href} aria-label={label} title={label} {...rest}>
        {drawing}
      </a>
    );
  return (
    <button type="button" class={kind} aria-label={label} title={label} {...rest}>
      {drawing}
    </button>
  );
}
