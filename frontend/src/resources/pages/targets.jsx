import { useState } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import { useQuery } from '../../api/query.js';
import { changed, searchOf } from '../../app/paths.js';
import { readPeriod, writePeriod } from '../../app/periods.js';
import { user } from '../../app/session.js';
import { language, loadArea, t } from '../../i18n/index.js';
import { Button, IconButton } from '../../ui/Button.jsx';
import { Segmented } from '../../ui/Choices.jsx';
import { Select } from '../../ui/Field.jsx';
import { EmptyState, ErrorState, Notice, Skeleton } from '../../ui/States.jsx';
import { clear } from '../targets/draft.js';
import { Sheet } from '../targets/Sheet.jsx';
import { useSheet } from '../targets/useSheet.js';

await loadArea('targets');

/** @type {Record<string, string[]>} */
const LEVELS = {
  manager: ['rep', 'team'],
  director: ['rep', 'team', 'business_unit', 'company'],
  admin: ['rep', 'team', 'business_unit', 'company'],
};

/** The targets of a year: set by whoever leads, for those they lead. */
export default function Targets() {
  const levels = LEVELS[user.value?.role ?? ''];
  if (!levels)
    return (
      <EmptyState page icon="gauge" title={t('targets.not_yours')}>
        {t('targets.not_yours_help')}
      </EmptyState>
    );
  return <Editor levels={levels} />;
}

/** @returns {number} the fiscal year that is on */
const thisYear = () => Number(writePeriod(/** @type {any} */ (readPeriod('this-year'))));

/** @param {{levels: string[]}} props */
function Editor({ levels }) {
  const { path, url, query, route } = useLocation();
  const catalogue = useQuery('/kpi');
  const kpis = (catalogue.data?.items ?? []).filter((/** @type {any} */ kpi) => kpi.takes_target);
  const kpi = query.kpi || 'invoiced_revenue';
  const year = Number(query.year) || thisYear();
  const level = levels.includes(query.level) ? query.level : levels[0];
  const go = (/** @type {Record<string, string>} */ what) =>
    route(`${path}${changed(searchOf(url), what)}`, true);

  const sheet = useSheet({ kpi, year, level });
  const [chosenWay, setWay] = useState('');
  const [wrong, setWrong] = useState(/** @type {Set<string>} */ (new Set()));
  const ways = sheet.grid?.ways ?? [];
  const way = ways.includes(chosenWay) ? chosenWay : (ways[0] ?? '');
  const entry = kpis.find((/** @type {any} */ one) => one.name === kpi);

  const onWrong = (/** @type {string} */ key, /** @type {boolean} */ is) =>
    setWrong((now) => {
      if (now.has(key) === is) return now;
      const next = new Set(now);
      if (is) next.add(key);
      else next.delete(key);
      return next;
    });
  const unit = sheet.grid?.unit === 'money' ? sheet.grid.currency : sheet.grid?.unit === 'ratio' ? '%' : '';

  return (
    <div class="page targets">
      <header class="page-head">
        <h1>{t('targets.title')}</h1>
        <p>{t('targets.intro')}</p>
      </header>
      <div class="toolbar">
        <Select
          label={t('targets.kpi')}
          value={kpi}
          onChange={(value) => go({ kpi: value })}
          options={kpis.map((/** @type {any} */ one) => ({
            value: one.name,
            label: one.label[language.value],
          }))}
        />
        <div class="field">
          <span class="label">{t('targets.fiscal_year')}</span>
          <span class="stepper">
            <IconButton
              icon="left"
              label={t('targets.year_before')}
              onClick={() => go({ year: String(year - 1) })}
            />
            <b>{year}</b>
            <IconButton
              icon="right"
              label={t('targets.year_after')}
              onClick={() => go({ year: String(year + 1) })}
            />
          </span>
        </div>
        <div class="field">
          <span class="label">{t('targets.level')}</span>
          <Segmented
            label={t('targets.level')}
            items={levels.map((value) => ({ value, label: t(`targets.level_${value}`) }))}
            value={level}
            onChange={(value) => go({ level: value })}
          />
        </div>
        {ways.length ? (
          <Select
            label={t('targets.way')}
            value={way}
            onChange={setWay}
            options={ways.map((value) => ({ value, label: t(`targets.way_${value}`) }))}
          />
        ) : null}
      </div>
      {sheet.grid && !ways.length ? (
        <Notice>{t(sheet.grid.adds_up ? 'targets.stock_help' : 'targets.ratio_help')}</Notice>
      ) : null}
      <section class="panel" aria-label={entry?.label[language.value] ?? kpi} aria-busy={sheet.busy}>
        <header>
          <h2>{entry?.label[language.value] ?? ' '}</h2>
          <small>{[unit, t('targets.keys')].filter(Boolean).join(' · ')}</small>
        </header>
        {sheet.grid ? (
          sheet.grid.groups.length ? (
            <Sheet sheet={sheet} way={way} wrong={wrong} onWrong={onWrong} key={`${kpi}|${year}|${level}`} />
          ) : (
            <EmptyState title={t('targets.nobody')}>{t('targets.nobody_help')}</EmptyState>
          )
        ) : sheet.problem ? (
          <ErrorState error={sheet.problem} onRetry={sheet.refresh} />
        ) : (
          <div class="panel-body">
            <Skeleton height="420px" />
          </div>
        )}
      </section>
      {sheet.changes || wrong.size ? (
        <div class="save-bar" role="status">
          <b class={wrong.size ? 'bad' : ''}>
            {wrong.size ? t('targets.wrong', { n: wrong.size }) : t('targets.changes', { n: sheet.changes })}
          </b>
          <Button
            variant="quiet"
            onClick={() => {
              clear(sheet.name);
              setWrong(new Set());
            }}
          >
            {t('targets.discard')}
          </Button>
          <Button
            variant="primary"
            busy={sheet.busy}
            disabled={wrong.size > 0 || !sheet.changes}
            onClick={sheet.save}
          >
            {t('ui.save')}
          </Button>
        </div>
      ) : null}
    </div>
  );
}
