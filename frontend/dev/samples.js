// Sample figures for the gallery only; the product never imports this file.
/** @param {number} n @param {(i: number) => number} f */
export const series = (n, f) => Array.from({ length: n }, (_, i) => f(i));

const BY_DAY = [2, 3, 4, 5, 6, 9, 10, 12, 13, 16, 17, 18, 19, 20, 23, 24, 25, 26, 27, 30];
export const dates = BY_DAY.map((d) => `2026-11-${String(d).padStart(2, '0')}`);
const thousand = (/** @type {number[]} */ list) => list.map((v) => v * 1000);
const gap = (/** @type {number} */ n) => /** @type {(number|null)[]} */ (new Array(n).fill(null));

export const revenue = {
  actual: [...thousand([18, 41, 70, 88, 109, 131, 166, 183, 221, 246, 262, 301, 338, 371, 412]), ...gap(5)],
  forecast: [...gap(14), ...thousand([412, 432, 455, 480, 506, 531])],
  previous: thousand([
    12, 33, 52, 80, 101, 119, 140, 166, 190, 214, 239, 262, 290, 331, 377, 396, 414, 431, 452, 470,
  ]),
  pace: series(20, (i) => 26_000 + (494_000 * i) / 19),
  target: 520_000,
};

export const tiles = [
  {
    label: 'CA facturé',
    value: '412345.67',
    pace: 390_000,
    target: 520_000,
    delta: { text: '22 k€ d’avance', tone: 'good', direction: 'up' },
    facts: ['79 % de 520 k€', '+9,4 % sur N-1'],
    link: '63 factures',
    spark: series(17, (i) => 3 + i * 24.2 + 9 * Math.sin(i / 1.7) + (i > 9 ? 8 : 0)),
  },
  {
    label: 'Commandes',
    value: '469000',
    pace: 405_000,
    target: 540_000,
    delta: { text: '64 k€ d’avance', tone: 'good', direction: 'up' },
    facts: ['87 % de 540 k€', '+8,8 % sur N-1'],
    link: '74 commandes',
    spark: series(17, (i) => 5 + i * 27 + 16 * Math.sin(i)),
  },
  {
    label: 'Panier moyen',
    value: '6340',
    pace: 6500,
    target: 6500,
    delta: { text: '160 € sous l’objectif', tone: 'bad', direction: 'down' },
    facts: ['98 % de 6,50 k€', '+3,8 % sur N-1'],
    link: '74 commandes',
    spark: [6.1, 6.2, 6.05, 6.4, 6.5, 6.7, 6.6, 6.3, 6.2, 6.1, 6.35, 6.4, 6.34],
  },
  {
    label: 'Pipeline pondéré',
    value: '1284000',
    pace: 1_500_000,
    target: 1_500_000,
    delta: { text: '216 k€ sous l’objectif', tone: 'bad', direction: 'down' },
    facts: ['86 % de 1 500 k€', '+7,9 % sur N-1'],
    link: '41 opportunités',
    spark: [1390, 1410, 1402, 1370, 1380, 1350, 1330, 1345, 1310, 1290, 1302, 1284],
  },
];

export const stages = [
  { key: 'a', label: 'Qualification', count: 14, gross: 620_000, weighted: 93_000, href: '#' },
  { key: 'b', label: 'Découverte', count: 11, gross: 540_000, weighted: 162_000, href: '#' },
  { key: 'c', label: 'Proposition', count: 9, gross: 712_000, weighted: 356_000, href: '#' },
  { key: 'd', label: 'Négociation', count: 5, gross: 486_000, weighted: 365_000, href: '#' },
  { key: 'e', label: 'Accord verbal', count: 2, gross: 342_000, weighted: 308_000, href: '#' },
];

export const reps = [
  ['Inès Roche', 31, 52, 70, 7, 4.4, 96, 0.46, [2, 1, 0, 1, 2]],
  ['Paul Kervella', 44, 57, 76, 8, 5.5, 121, 0.59, [3, 2, 2, 1, 0]],
  ['Mehdi Alaoui', 52, 56, 75, 10, 5.2, 168, 0.76, [2, 3, 2, 3, 2]],
  ['Camille Morel', 61, 60, 80, 11, 5.9, 214, 0.95, [4, 3, 3, 2, 3]],
  ['Jeanne Ollier', 70, 56, 75, 12, 6.8, 239, 1.09, [3, 4, 4, 3, 4]],
  ['Thomas Weber', 78, 60, 80, 13, 7.1, 252, 1.1, [4, 4, 3, 5, 4]],
  ['Sofia Brandt', 76, 49, 64, 13, 8.4, 194, 1.02, [5, 4, 5, 4, 5]],
].map(([name, value, pace, target, orders, basket, pipeline, coverage, visits]) => ({
  id: String(name),
  name,
  value: Number(value) * 1000,
  pace: Number(pace) * 1000,
  target: Number(target) * 1000,
  gap: (Number(value) - Number(pace)) * 1000,
  orders,
  basket: Number(basket) * 1000,
  pipeline: Number(pipeline) * 1000,
  coverage,
  visits,
}));

export const portfolio = [
  { key: 'q', label: 'Devis en attente', short: 'Devis', value: 186_000, note: '19 dossiers', href: '#' },
  { key: 'o', label: 'Commandes à facturer', short: 'Cdes', value: 74_000, note: '8 dossiers', href: '#' },
  { key: 'i', label: 'Factures à échoir', short: 'Fact.', value: 61_000, note: '8 dossiers', href: '#' },
  {
    key: 'l',
    label: 'Factures échues',
    short: 'Échu',
    value: 21_000,
    note: '3 dossiers',
    tone: /** @type {const} */ ('bad'),
    href: '#',
  },
];

export const customers = series(90, (i) => i).map((i) => ({
  key: String(i),
  label: `Client ${i}`,
  ratio: Math.min(5, ((i * 37) % 90) / 45 + (i % 9 === 0 ? 1.4 : 0) + (i % 31 === 0 ? 2 : 0)),
  amount: 1000 * (i + 3),
}));
