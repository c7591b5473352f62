import { expect, it } from 'vitest';
import { load } from './loaded.ts';
import { gus, max, mia, sam, sara, sue } from './people.ts';

const policy = load(`
version: 1
act_as:
  who:
    - { actors: [market_manager], subjects: [shopper], take_over: true }
    - { actors: [market_manager], subjects: [grower] }
    - { actors: [sales_staff], subjects: [shopper], assigned: true }
`);

it('is for those whose line says so', () => {
  expect(policy.mayTakeOver(mia, sam)).toBe(true);
  expect(policy.mayTakeOver(sara, sam)).toBe(false);
  expect(policy.mayActFor(sara, sam).allowed).toBe(true);
});

it('reaches no farther than the line that says so', () => {
  expect(policy.mayTakeOver(mia, gus)).toBe(false);
  expect(policy.mayActFor(mia, gus).allowed).toBe(true);
  expect(policy.mayTakeOver(max, sue)).toBe(false);
});

it('is nobody’s who is not active', () => {
  expect(policy.mayTakeOver({ ...mia, active: false }, sam)).toBe(false);
});

it('is not given by a line that says nothing about it', () => {
  const silent = load('version: 1\nact_as: { who: [{ actors: [market_manager], subjects: [shopper] }] }\n');
  expect(silent.mayTakeOver(mia, sam)).toBe(false);
});
