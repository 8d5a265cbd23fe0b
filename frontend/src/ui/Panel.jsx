import { useId } from 'preact/hooks';

/**
 * A white card with a title: the block of every screen.
 * @param {{title: import('preact').ComponentChildren, sub?: import('preact').ComponentChildren, link?: {text: string, href: string},
 *   actions?: import('preact').ComponentChildren, class?: string, level?: 2 | 3, flush?: boolean, children?: import('preact').ComponentChildren,
 *   [other: string]: any}} props `sub` unit or order, said small; `link` what is counted here; `flush` no padding around the content
 */
export function Panel({ title, sub, link, actions, class: name = '', level = 2, flush, children, ...rest }) {
  const id = useId();
  const Heading = level === 2 ? 'h2' : 'h3';
  return (
    <section class={`panel ${name}`} aria-labelledby={id} {...rest}>
      <header>
        <Heading id={id}>{title}</Heading>
        {sub ? <small>{sub}</small> : null}
        <span class="panel-tools">
          {link ? (
            <a class="link" href={link.href}>
              {link.text}
            </a>
          ) : null}
          {actions}
        </span>
      </header>
      {flush ? children : <div class="panel-body">{children}</div>}
    </section>
  );
}
