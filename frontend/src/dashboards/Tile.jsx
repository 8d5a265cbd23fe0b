import { recordPath, usePanel } from '../app/paths.js';
import { user } from '../app/session.js';
import { Bullet } from '../charts/Bullet.jsx';
import { Spark } from '../charts/Spark.jsx';
import { t } from '../i18n/index.js';
import { KpiTile } from '../ui/KpiTile.jsx';
import { drillKey } from './drill.js';
import { Explain } from './Explain.jsx';
import { averageText, changeText, exactValue, gapOf, said, shareOfTarget, valueParts } from './figures.js';

/**
 * One KPI: value, gap to the pace, shape, bullet, share of the target, change on last year and the records counted.
 * @param {{answer: import('./types.js').KpiAnswer, count?: string | null, spark?: (string | number | null)[], lower?: boolean,
 *   delta?: import('./figures.js').Gap | null, aside?: import('preact').ComponentChildren, facts?: import('preact').ComponentChildren[],
 *   max?: number | null, children?: import('preact').ComponentChildren}} props
 *   `count`: the link to the records, "63 factures"; `lower`: less is better; `facts` and `children` replace those made here
 */
export function Tile({ answer, count, spark, lower = false, delta, aside, facts, max, children }) {
  const { href } = usePanel();
  const label = said(answer.label);
  const made = [
    shareOfTarget(answer) ?? <NoTarget key="target" />,
    changeText(answer),
    averageText(answer),
  ].filter(Boolean);
  return (
    <KpiTile
      id={`tile-${answer.name}`}
      label={label}
      value={valueParts(answer)}
      exact={exactValue(answer)}
      definition={<Explain name={answer.name} label={label} warnings={answer.warnings} />}
      delta={delta === undefined ? gapOf(answer, { lower }) : delta}
      aside={aside ?? (spark?.length ? <Spark values={spark} /> : null)}
      reason={answer.value === null ? said(answer.reason) : null}
      facts={facts ?? made}
      link={count ? { text: count, href: href(drillKey(answer.name)) } : null}
    >
      {children ?? (
        <Bullet
          label={label}
          value={answer.value}
          pace={answer.expected_to_date}
          target={answer.target}
          unit={answer.unit}
          lowerIsBetter={lower}
          max={max}
        />
      )}
    </KpiTile>
  );
}

/** Without a target there is no pace: whoever may set one is shown where. */
export function NoTarget() {
  const may = ['manager', 'director', 'admin'].includes(user.value?.role ?? '');
  return may ? (
    <a class="link above" href={recordPath('targets')}>
      {t('dash.set_target')}
    </a>
  ) : (
    <span>{t('dash.no_target')}</span>
  );
}
