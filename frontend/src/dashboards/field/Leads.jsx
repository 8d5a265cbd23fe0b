import { recordPath, usePanel } from '../../app/paths.js';
import { Bullet } from '../../charts/Bullet.jsx';
import { number, percent } from '../../i18n/format.js';
import { t } from '../../i18n/index.js';
import { DataTable } from '../../ui/DataTable.jsx';
import { Panel } from '../../ui/Panel.jsx';
import { EmptyState } from '../../ui/States.jsx';
import { drillKey } from '../drill.js';

/** From created to qualified to converted, and where the good ones come from. @param {{board: import('../types.js').Board}} props */
export function Leads({ board }) {
  const { href } = usePanel();
  const answer = board.kpis.qualified_leads;
  const c = answer.components;
  const sources = board.kpis.qualified_leads_by_source.groups;
  const steps = [
    { key: 'created', value: Number(c.created ?? 0) },
    { key: 'qualified', value: Number(answer.value ?? 0) },
    { key: 'converted', value: Number(c.converted ?? 0) },
  ];
  const max = Math.max(1, ...steps.map((step) => step.value));
  return (
    <Panel
      title={t('field.leads')}
      sub={t('field.leads_sub')}
      link={{ text: t('field.all_leads'), href: recordPath('leads') }}
    >
      <ul class="flow">
        {steps.map((step) => (
          <li key={step.key}>
            <span>{t(`field.lead_${step.key}`)}</span>
            <Bullet
              label={t(`field.lead_${step.key}`)}
              value={step.value}
              unit="count"
              max={max * 1.04}
              height={14}
              ticks={false}
            />
            <b>
              {step.key === 'qualified' ? (
                <a class="link" href={href(drillKey('qualified_leads'))}>
                  {number(step.value)}
                </a>
              ) : (
                number(step.value)
              )}
            </b>
          </li>
        ))}
      </ul>
      <p class="panel-notes">
        {c.qualification_rate === null ? null : (
          <span>{t('field.qualification', { share: percent(c.qualification_rate, { digits: 0 }) })}</span>
        )}
        {c.conversion_rate === null ? null : (
          <span>{t('field.conversion', { share: percent(c.conversion_rate, { digits: 0 }) })}</span>
        )}
      </p>
      {sources.length ? (
        <DataTable
          caption={t('field.by_source')}
          phone="table"
          class="sources"
          rows={sources.map((group) => ({ id: group.key ?? '', ...group }))}
          columns={[
            { key: 'label', label: t('field.source'), render: (row) => row.label ?? t('dash.unassigned') },
            {
              key: 'value',
              label: t('field.lead_qualified'),
              numeric: true,
              render: (row) => (
                <a class="link-plain" href={href(drillKey('qualified_leads', { source: row.key }))}>
                  {number(row.value)}
                </a>
              ),
            },
            {
              key: 'created',
              label: t('field.lead_created'),
              numeric: true,
              render: (row) => number(row.components.created),
            },
            {
              key: 'converted',
              label: t('field.lead_converted'),
              numeric: true,
              render: (row) => number(row.components.converted),
            },
          ]}
        />
      ) : (
        <EmptyState title={t('field.no_lead')}>{t('field.no_lead_help')}</EmptyState>
      )}
    </Panel>
  );
}
