import { useEffect, useRef, useState } from 'preact/hooks';
import { t } from '../i18n/index.js';
import { Icon } from '../ui/Icon.jsx';
import { bindKeys } from '../ui/keys.js';
import { Panel } from '../ui/Panel.jsx';
import { ChartTable } from './ChartTable.jsx';

/**
 * A panel that holds a chart and the table behind it; the button or the T key (pointer or focus on the panel) swaps them.
 * @param {{title: string, sub?: string, link?: {text: string, href: string}, table: import('./ChartTable.jsx').ChartData,
 *   actions?: import('preact').ComponentChildren, class?: string, children: import('preact').ComponentChildren}} props
 *   `children`: the chart, which draws itself as `role=img` with a sentence
 */
export function ChartFrame({ title, sub, link, table, actions, class: name = '', children }) {
  const [asTable, setAsTable] = useState(false);
  const near = useRef(0);
  const release = useRef(/** @type {(() => void) | null} */ (null));
  const swap = () => setAsTable((now) => !now);
  const enter = () => {
    near.current += 1;
    release.current ??= bindKeys({ t: swap });
  };
  const leave = () => {
    near.current = Math.max(0, near.current - 1);
    if (near.current) return;
    release.current?.();
    release.current = null;
  };
  useEffect(() => () => release.current?.(), []);
  const label = t(asTable ? 'chart.chart' : 'chart.table');
  return (
    <Panel
      title={title}
      sub={sub}
      link={link}
      class={`chart-frame ${name}`}
      onMouseEnter={enter}
      onMouseLeave={leave}
      onFocusIn={enter}
      onFocusOut={leave}
      actions={
        <>
          {actions}
          <button
            type="button"
            class="icon-button small"
            onClick={swap}
            aria-label={`${label}, ${title}`}
            aria-keyshortcuts="T"
            title={`${label} (${t('chart.key')})`}
          >
            <Icon name={asTable ? 'chart' : 'table'} size={16} />
          </button>
        </>
      }
    >
      {asTable ? <ChartTable data={table} caption={title} /> : children}
    </Panel>
  );
}
