import { usePanel } from '../../app/paths.js';
import { ChartFrame } from '../../charts/ChartFrame.jsx';
import { CumulativeLine } from '../../charts/CumulativeLine.jsx';
import { day, moneyExact, thousandsUnit } from '../../i18n/format.js';
import { t } from '../../i18n/index.js';
import { usePhone } from '../../ui/hooks.js';
import { drillKey } from '../drill.js';

/** Revenue to date against the pace, last year and where it lands. @param {{board: import('../types.js').Board}} props */
export function Cumulative({ board }) {
  const { href } = usePanel();
  const phone = usePhone();
  const answer = board.kpis.invoiced_revenue;
  const line = board.lists.cumulative;
  const money = (/** @type {any} */ value) => (value === null ? '' : moneyExact(value));
  const columns = [
    { key: 'day', label: t('chart.date'), format: (/** @type {string} */ value) => day(value) },
    { key: 'actual', label: t('chart.actual'), numeric: true, format: money },
    { key: 'expected', label: t('chart.pace'), numeric: true, format: money },
    { key: 'previous', label: t('chart.previous_year'), numeric: true, format: money },
    { key: 'landing', label: t('chart.forecast'), numeric: true, format: money },
  ];
  const rows = line.days.map((/** @type {string} */ on, /** @type {number} */ i) => ({
    day: on,
    actual: line.actual[i],
    expected: line.expected[i],
    previous: line.previous_year[i],
    landing: line.landing[i],
  }));
  const known = (/** @type {any[]} */ list) => (list.some((value) => value !== null) ? list : []);
  const long = answer.period.kind !== 'month' && answer.period.kind !== 'week';
  const title = t('activity.cumulative');
  return (
    <ChartFrame
      title={title}
      sub={t('activity.cumulative_unit', { unit: thousandsUnit(board.currency) })}
      link={{
        text: t('dash.n_invoices', { n: Number(answer.components.count ?? 0) }),
        href: href(drillKey('invoiced_revenue')),
      }}
      table={{ columns, rows }}
    >
      <CumulativeLine
        label={title}
        dates={line.days}
        actual={line.actual}
        pace={known(line.expected)}
        previous={known(line.previous_year)}
        forecast={known(line.landing)}
        target={answer.target}
        height={phone ? 200 : 232}
        tick={long ? (on) => `${Number(on.slice(8, 10))}/${Number(on.slice(5, 7))}` : undefined}
      />
    </ChartFrame>
  );
}
