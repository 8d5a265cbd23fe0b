import { recordPath, usePanel } from '../../app/paths.js';
import { Bullet } from '../../charts/Bullet.jsx';
import { date, day, money, percent, today } from '../../i18n/format.js';
import { t } from '../../i18n/index.js';
import { Button } from '../../ui/Button.jsx';
import { Panel } from '../../ui/Panel.jsx';
import { EmptyState } from '../../ui/States.jsx';
import { Tag } from '../../ui/Text.jsx';
import { doneStep } from '../actions.js';
import { drillKey } from '../drill.js';
import { coded } from '../figures.js';

/** The plans to help come first. @type {Record<string, number>} */
const ORDER = { late: 0, effort_without_result: 1, result_without_effort: 2, on_track: 3 };

/** Each plan: actions and revenue against the time gone by, and the next step. @param {{board: import('../types.js').Board}} props */
export function Plans({ board }) {
  const { href } = usePanel();
  const plans = [...board.lists.plans].sort(
    (a, b) => (ORDER[a.details.state] ?? 9) - (ORDER[b.details.state] ?? 9),
  );
  return (
    <Panel
      title={t('field.plans')}
      sub={t('field.plans_sub')}
      flush
      link={{ text: t('dash.n_plans', { n: plans.length }), href: href(drillKey('action_plan_progress')) }}
    >
      {plans.length ? (
        <ul class="plans">
          {plans.map((plan) => (
            <Plan key={plan.id} plan={plan} />
          ))}
        </ul>
      ) : (
        <EmptyState title={t('field.no_plan')}>{t('field.no_plan_help')}</EmptyState>
      )}
    </Panel>
  );
}

/** @param {{plan: any}} props */
function Plan({ plan }) {
  const d = plan.details;
  const step = plan.next_step;
  const late = step?.due_on && step.due_on < today();
  const bar = (/** @type {string} */ key, /** @type {any} */ value, /** @type {string} */ title) => (
    <span class="plan-bar" title={title}>
      <small>{t(`chart.${key}`)}</small>
      <Bullet
        label={`${plan.title}, ${t(`chart.${key}`)}`}
        value={value === null ? null : Math.min(Number(value), 1.06)}
        pace={d.time}
        target={1}
        max={1.06}
        unit="ratio"
        height={12}
        ticks={false}
        width={110}
      />
      <b>{percent(value, { digits: 0 })}</b>
    </span>
  );
  return (
    <li>
      <span class="plan-title">
        <a class="row-link clip" href={recordPath('action-plans', plan.id)}>
          {plan.title}
        </a>
        <small>
          {plan.owner}, {t('field.until', { date: date(plan.on) })}
        </small>
      </span>
      <Tag tone={d.state === 'on_track' ? 'plain' : d.state === 'result_without_effort' ? 'warn' : 'bad'}>
        {coded('dash.state', d.state)}
      </Tag>
      <span class="plan-bars">
        {bar('actions', d.actions, t('field.time_gone', { share: percent(d.time, { digits: 0 }) }))}
        {bar(
          'revenue',
          d.revenue_ring,
          d.revenue_target
            ? t('field.revenue_of', { done: money(d.revenue), target: money(d.revenue_target) })
            : '',
        )}
      </span>
      {step ? (
        <span class="plan-next">
          <span class={late ? 'bad' : ''}>
            {step.title}
            {step.due_on ? `, ${day(step.due_on)}` : ''}
          </span>
          <Button
            size="small"
            onClick={() => doneStep(plan.id, step)}
            aria-label={`${t('field.step_done')}, ${step.title}`}
          >
            {t('field.step_done')}
          </Button>
        </span>
      ) : (
        <span class="plan-next quiet">{t('field.no_step')}</span>
      )}
    </li>
  );
}
