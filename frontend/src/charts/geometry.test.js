import { describe, expect, it } from 'vitest';
import {
  bulletGeometry,
  histogram,
  lineGeometry,
  niceTicks,
  num,
  sparkGeometry,
  spread,
  stackGeometry,
  swarm,
  thinned,
} from './geometry.js';

describe('bullet', () => {
  it('draws what is beyond the pace apart', () => {
    const g = bulletGeometry({ value: 412, pace: 390, target: 520, width: 100, max: 1000 });
    expect(g).toMatchObject({ solid: [0, 39], beyond: [39, 41.2], missing: null, target: 52, behind: false });
  });
  it('draws what is missing to the pace', () => {
    const g = bulletGeometry({ value: 300, pace: 390, target: 520, width: 100, max: 1000 });
    expect(g).toMatchObject({ solid: [0, 30], missing: [30, 39], beyond: null, behind: true });
  });
  it('turns round when lower is better', () => {
    const over = bulletGeometry({ value: 8, pace: 5, target: 5, width: 100, max: 10, lowerIsBetter: true });
    expect(over).toMatchObject({ solid: [0, 50], missing: [50, 80], behind: true });
    const under = bulletGeometry({ value: 3, pace: 5, target: 5, width: 100, max: 10, lowerIsBetter: true });
    expect(under).toMatchObject({ solid: [0, 30], missing: null, behind: false });
  });
  it('leaves room beyond the greatest of value and target', () => {
    expect(bulletGeometry({ value: 50, target: 100, width: 106 }).target).toBe(100);
  });
  it('draws a negative value left of zero', () => {
    const g = bulletGeometry({ value: -50, target: 50, width: 100, max: 50 });
    expect(g.solid).toEqual([0, 50]);
    expect(g.target).toBe(100);
  });
  it('stands an unknown value and an empty scale', () => {
    const g = bulletGeometry({ value: null, pace: null, target: null, width: 100 });
    expect(g).toMatchObject({ solid: [0, 0], beyond: null, missing: null, target: null, behind: false });
  });
});

describe('ticks', () => {
  it('are few and round', () => expect(niceTicks(0, 551)).toEqual([0, 200, 400]));
  it('keep exact values of small steps, and stand a single value', () => {
    expect(niceTicks(0, 0.32)).toEqual([0, 0.1, 0.2, 0.3]);
    expect(niceTicks(-12_000, 63_600)).toEqual([0, 20_000, 40_000, 60_000]);
    expect(niceTicks(0, 1_590_000)).toEqual([0, 500_000, 1_000_000, 1_500_000]);
    expect(niceTicks(5, 5)).toEqual([5]);
  });
  it('keep the last and nothing too near it', () => {
    const shown = thinned(20, 10, 14);
    expect(shown.has(14)).toBe(true);
    expect(shown.has(13)).toBe(false);
    expect(shown.has(0)).toBe(true);
    expect(thinned(20, 5, 15).has(16)).toBe(false);
  });
});

describe('spark', () => {
  it('leaves gaps at nulls and ends on the last known point', () => {
    const g = sparkGeometry([1, null, 3, 4, null], 100, 34);
    expect(g.path.match(/M/g)).toHaveLength(2);
    expect(g.last).toMatchObject({ y: 3 });
  });
  it('draws a flat line in the middle', () => expect(sparkGeometry([5, 5], 100, 30).last?.y).toBe(15));
  it('is empty without values', () =>
    expect(sparkGeometry([null], 100, 30)).toMatchObject({ path: '', last: null }));
});

describe('cumulative line', () => {
  const input = { width: 400, height: 200, left: 0, right: 0, top: 0, bottom: 0 };
  it('cuts the gap where actual and pace cross', () => {
    const g = lineGeometry({ ...input, actual: [0, 40], pace: [10, 20] });
    expect(g.gaps.map((a) => a.ahead)).toEqual([false, true]);
  });
  it('knows the last day with a figure', () => {
    const g = lineGeometry({ ...input, actual: [1, 2, null, null], pace: [1, 2, 3, 4], target: 4 });
    expect(g.last).toBe(1);
    expect(g.steps).toBe(4);
    expect(g.index(g.x(2))).toBe(2);
    expect(g.gaps).toHaveLength(0);
  });
  it('goes below zero when the figures do', () => {
    const g = lineGeometry({ ...input, actual: [-10, 20] });
    expect(g.ticks[0]).toBeLessThan(0);
  });
});

describe('labels', () => {
  it('move apart in their order, inside the bounds', () => {
    const [a, b, c] = spread([100, 102, 101], 14, 0, 110);
    expect(a).toBeLessThan(c);
    expect(c).toBeLessThan(b);
    expect(b).toBeLessThanOrEqual(110);
    expect(c - a).toBeGreaterThanOrEqual(14);
  });
  it('stay where they are when there is room', () => expect(spread([10, 50], 14, 0, 100)).toEqual([10, 50]));
});

describe('stacked bar', () => {
  it('fills the width exactly', () => {
    const parts = stackGeometry([186, 74, 61, 21], 306);
    const last = parts[3];
    expect(last.x + last.width).toBeCloseTo(306, 0);
  });
  it('keeps a tiny part visible and an empty one away', () => {
    const [, tiny, none] = stackGeometry([10_000, 1, 0], 300);
    expect(tiny.width).toBe(3);
    expect(none.width).toBe(0);
  });
  it('is empty when everything is', () =>
    expect(stackGeometry([0, 0], 300).every((p) => p.width === 0)).toBe(true));
});

describe('dots', () => {
  it('never cover each other', () => {
    const dots = swarm([10, 10, 11, 12, 40], 4);
    for (const [i, a] of dots.entries())
      for (const b of dots.slice(i + 1)) expect(Math.hypot(a.x - b.x, a.y - b.y)).toBeGreaterThanOrEqual(7.9);
  });
  it('keep inside the room they have', () => {
    for (const dot of swarm(new Array(200).fill(50), 4, 20)) expect(Math.abs(dot.y)).toBeLessThanOrEqual(20);
  });
  it('are counted by class', () => expect(histogram([0, 5, 9, 12, 30], 10, 2)).toEqual([1, 4]));
});

it('reads decimal strings', () => {
  expect(num('412.50')).toBe(412.5);
  expect(num(null)).toBe(null);
  expect(num('')).toBe(null);
});
