import { Delta } from './Text.jsx';

/**
 * One indicator: name and gap, value and shape, bullet, facts and the link to what is counted. The whole tile follows the link.
 * @param {{label: string, value: {before?: string, number: string, after?: string}, exact?: string, definition?: import('preact').ComponentChildren,
 *   delta?: {text: string, tone: 'good'|'bad'|'warn'|'none', direction?: 'up'|'down'|null, title?: string} | null,
 *   aside?: import('preact').ComponentChildren, children?: import('preact').ComponentChildren, facts?: import('preact').ComponentChildren[],
 *   link?: {text: string, href: string} | null, reason?: string | null, class?: string, [other: string]: any}} props
 *   `value`: as `moneyParts` gives it; `exact`: tooltip; `aside`: a spark or two short lines; `children`: the chart; `reason`: why there is no value
 */
export function KpiTile({
  label,
  value,
  exact,
  definition,
  delta,
  aside,
  children,
  facts = [],
  link,
  reason,
  class: name = '',
  ...rest
}) {
  return (
    <article class={`kpi ${name}`} {...rest}>
      <div class="kpi-head">
        <h2>
          {label} {definition}
        </h2>
        {delta ? (
          <Delta tone={delta.tone} direction={delta.direction} title={delta.title}>
            {delta.text}
          </Delta>
        ) : null}
      </div>
      <div class="kpi-value">
        <p class="kpi-number" title={exact}>
          {value.before ? <small class="before">{value.before}</small> : null}
          {value.number.replaceAll('\u202f', '\u00a0')}
          {value.after ? <small>{value.after}</small> : null}
        </p>
        {reason ? (
          <span class="kpi-aside">{reason}</span>
        ) : aside ? (
          <span class="kpi-aside">{aside}</span>
        ) : null}
      </div>
      <div class="kpi-chart">{children}</div>
      <div class="kpi-foot">
        {facts.map((fact, i) => (
          <span key={i}>{fact}</span>
        ))}
        {link ? (
          <a class="link" href={link.href}>
            {link.text}
          </a>
        ) : null}
      </div>
    </article>
  );
}

/** The strip that holds four tiles. @param {{label: string, pairs?: boolean, children: import('preact').ComponentChildren}} props `pairs`: two by two on a phone */
export const KpiStrip = ({ label, pairs, children }) => (
  <section class={`panel kpis ${pairs ? 'pairs' : ''}`} aria-label={label}>
    {children}
  </section>
);
