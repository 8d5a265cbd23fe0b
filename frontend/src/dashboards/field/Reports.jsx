import { recordPath, usePanel } from '../../app/paths.js';
import { ago, day } from '../../i18n/format.js';
import { t } from '../../i18n/index.js';
import { Panel } from '../../ui/Panel.jsx';
import { EmptyState } from '../../ui/States.jsx';
import { Tag } from '../../ui/Text.jsx';
import { drillKey } from '../drill.js';

const SHOWN = 6;

/** The latest reports, in the customers' own words. @param {{board: import('../types.js').Board}} props */
export function Reports({ board }) {
  const { href } = usePanel();
  const reports = board.lists.reports.slice(0, SHOWN);
  return (
    <Panel
      title={t('field.words')}
      flush
      link={{
        text: t('field.n_reports', { n: Number(board.kpis.visit_reports.value ?? 0) }),
        href: href(drillKey('visit_reports')),
      }}
    >
      {reports.length ? (
        <ul class="words">
          {reports.map((/** @type {any} */ one) => (
            <li key={one.id}>
              <p class="words-who">
                <a class="row-link" href={recordPath('visits', one.visit_id)}>
                  {one.customer}
                </a>
                <small>{[one.rep, ago(one.held_on)].filter(Boolean).join(', ')}</small>
              </p>
              {one.customer_words ? (
                <blockquote>{one.customer_words}</blockquote>
              ) : (
                <p class="quiet">{one.summary}</p>
              )}
              <p class="words-next">
                {one.outcome ? <Tag>{one.outcome}</Tag> : null}
                {one.next_step ? (
                  <small>
                    {t('field.next', { step: one.next_step })}
                    {one.next_step_on ? `, ${day(one.next_step_on)}` : ''}
                  </small>
                ) : (
                  <small class="warn">{t('field.no_next')}</small>
                )}
              </p>
            </li>
          ))}
        </ul>
      ) : (
        <EmptyState title={t('field.no_report')}>{t('field.no_report_help')}</EmptyState>
      )}
    </Panel>
  );
}
