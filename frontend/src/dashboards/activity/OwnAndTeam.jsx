import { usePanel } from '../../app/paths.js';
import { byUnit, percent } from '../../i18n/format.js';
import { t } from '../../i18n/index.js';
import { DataTable } from '../../ui/DataTable.jsx';
import { Panel } from '../../ui/Panel.jsx';
import { drillKey } from '../drill.js';
import { exactValue, said } from '../figures.js';

const SHOWN = [
  'invoiced_revenue',
  'ordered_amount',
  'order_count',
  'average_basket',
  'weighted_pipeline',
  'win_rate',
];

/** A rep's own figures beside the team's average. @param {{board: import('../types.js').Board}} props */
export function OwnAndTeam({ board }) {
  const { href } = usePanel();
  const rows = SHOWN.map((name) => ({ id: name, answer: board.kpis[name] })).filter((row) => row.answer);
  const reps = rows.find((row) => row.answer.team_average)?.answer.team_average?.reps;
  return (
    <Panel title={t('activity.you_and_team')} sub={reps ? t('activity.reps', { n: reps }) : undefined} flush>
      <DataTable
        caption={t('activity.you_and_team')}
        phone="table"
        rows={rows}
        columns={[
          { key: 'label', label: t('activity.indicator'), render: ({ answer }) => said(answer.label) },
          {
            key: 'you',
            label: t('activity.you'),
            numeric: true,
            exact: ({ answer }) => exactValue(answer),
            render: ({ id, answer }) => (
              <a class="link-plain" href={href(drillKey(id))}>
                <b>{byUnit(answer.value, answer.unit)}</b>
              </a>
            ),
          },
          {
            key: 'team',
            label: t('activity.team_average'),
            numeric: true,
            render: ({ answer }) => byUnit(answer.team_average?.value, answer.unit),
          },
          {
            key: 'target',
            label: t('chart.target'),
            numeric: true,
            wide: true,
            render: ({ answer }) => byUnit(answer.target, answer.unit),
          },
          {
            key: 'share',
            label: t('activity.attained'),
            numeric: true,
            wide: true,
            render: ({ answer }) => percent(answer.attainment, { digits: 0 }),
          },
        ]}
      />
    </Panel>
  );
}
