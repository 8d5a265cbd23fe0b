import { useState } from 'preact/hooks';
import { ScopeBar } from '../src/app/ScopeBar.jsx';
import {
  Bullet,
  ChartFrame,
  CumulativeLine,
  MiniBars,
  Spark,
  StackedBar,
  StageBars,
} from '../src/charts/index.js';
import { moneyExact, moneyParts, number, percent, thousands } from '../src/i18n/format.js';
import * as ui from '../src/ui/index.js';
import * as data from './samples.js';

const definition = (
  <ui.Definition
    label="CA facturé"
    definition="Total net des factures émises sur la période, moins les avoirs."
    formula="Σ factures − Σ avoirs"
    version={1}
    warnings={['La marge couvre 88 % du montant.']}
  />
);

export const lineTable = {
  columns: [
    { key: 'date', label: 'Date' },
    { key: 'actual', label: 'Réel', numeric: true, format: (/** @type {any} */ v) => moneyExact(v) },
    { key: 'pace', label: 'Rythme', numeric: true, format: (/** @type {any} */ v) => moneyExact(v) },
  ],
  rows: data.dates.map((date, i) => ({ date, actual: data.revenue.actual[i], pace: data.revenue.pace[i] })),
};

const columns = [
  { key: 'name', label: 'Commercial', sortable: true },
  {
    key: 'bullet',
    label: 'Facturé et objectif',
    render: (/** @type {any} */ r) => (
      <Bullet
        label={r.name}
        value={r.value}
        pace={r.pace}
        target={r.target}
        max={86_000}
        height={12}
        ticks={false}
        width={innerWidth < 760 ? 88 : 176}
      />
    ),
  },
  {
    key: 'value',
    label: 'k€',
    numeric: true,
    sortable: true,
    render: (/** @type {any} */ r) => thousands(r.value),
    sum: '412',
    exact: (/** @type {any} */ r) => moneyExact(r.value),
  },
  {
    key: 'gap',
    label: 'Écart au rythme',
    short: 'Écart',
    numeric: true,
    sortable: true,
    render: (/** @type {any} */ r) => (
      <ui.Delta
        tone={r.gap < -1000 ? 'bad' : r.gap > 1000 ? 'good' : 'none'}
        direction={r.gap < 0 ? 'down' : 'up'}
      >
        {number(r.gap / 1000, { sign: true })}
      </ui.Delta>
    ),
    sum: (
      <ui.Delta tone="good" direction="up">
        +22
      </ui.Delta>
    ),
  },
  { key: 'orders', label: 'Commandes', numeric: true, sortable: true, wide: true, sum: '74' },
  {
    key: 'basket',
    label: 'Panier k€',
    numeric: true,
    wide: true,
    render: (/** @type {any} */ r) => thousands(r.basket, 1),
    sum: '6,3',
  },
  {
    key: 'pipeline',
    label: 'Pipeline pondéré',
    numeric: true,
    wide: true,
    render: (/** @type {any} */ r) => thousands(r.pipeline),
    sum: '1 284',
  },
  {
    key: 'coverage',
    label: 'Couverture',
    numeric: true,
    wide: true,
    render: (/** @type {any} */ r) => (
      <span class={r.coverage < 0.8 ? 'bad' : ''}>{percent(r.coverage)}</span>
    ),
    sum: '86 %',
  },
  {
    key: 'visits',
    label: 'Visites 5 j',
    numeric: true,
    wide: true,
    render: (/** @type {any} */ r) => (
      <MiniBars values={r.visits} sentence={`${r.visits.join(', ')} visites`} max={5} />
    ),
  },
];

/** The first screen of the mock, on the real parts. */
export function Activity() {
  const [sort, setSort] = useState('gap');
  const phone = innerWidth < 760;
  return (
    <>
      <ScopeBar
        at={new Date()}
        choices={{ business_unit: [{ id: '1', name: 'Industrie' }], team: [], rep: [] }}
        actions={
          <>
            <ui.Button class="laptop-only">Exporter</ui.Button>
            <ui.Button class="laptop-only">Imprimer</ui.Button>
          </>
        }
      />
      <h1 class="headline">
        <ui.Rich text="**412 k€ facturés, 22 k€ d’avance.** Il !!manque 216 k€ au pipeline!! pour tenir décembre." />
      </h1>
      <div class="screen">
        <ui.KpiStrip label="Indicateurs">
          {data.tiles.map((tile, i) => (
            <ui.KpiTile
              key={tile.label}
              label={tile.label}
              value={moneyParts(tile.value)}
              exact={moneyExact(tile.value)}
              definition={i === 0 ? definition : null}
              delta={/** @type {any} */ (tile.delta)}
              aside={<Spark values={tile.spark} />}
              facts={tile.facts}
              link={{ text: tile.link, href: '?panel=x' }}
            >
              <Bullet label={tile.label} value={tile.value} pace={tile.pace} target={tile.target} />
            </ui.KpiTile>
          ))}
        </ui.KpiStrip>
        <div class="two-one">
          <ChartFrame
            title="CA facturé cumulé"
            sub="k€, jours ouvrés"
            link={{ text: '63 factures', href: '#' }}
            table={lineTable}
          >
            <CumulativeLine
              label="CA facturé cumulé"
              dates={data.dates}
              {...data.revenue}
              height={phone ? 200 : 214}
            />
          </ChartFrame>
          <ChartFrame
            title="Pipeline par étape"
            sub="k€, brut et pondéré"
            link={{ text: '41 opportunités', href: '#' }}
            table={lineTable}
          >
            <StageBars stages={data.stages} />
          </ChartFrame>
        </div>
        <div class="two-one">
          <ui.Panel
            title="Par commercial"
            sub="du plus en retard au plus en avance"
            link={{ text: 'Les 7 fiches', href: '#' }}
            flush
          >
            <ui.DataTable
              caption="Par commercial"
              columns={columns}
              rows={data.reps}
              sort={sort}
              onSort={setSort}
              href={() => '#'}
              phone="table"
              sumLabel="BU Industrie"
            />
          </ui.Panel>
          <ui.Panel title="Portefeuille en cours" sub="k€" link={{ text: '38 dossiers', href: '#' }}>
            <StackedBar label="Portefeuille" parts={data.portfolio} legend height={16} />
          </ui.Panel>
        </div>
      </div>
    </>
  );
}
