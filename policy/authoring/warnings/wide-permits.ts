/** Finds permits that let through more than their author may have thought of. */
import { isRead } from '../../is-read.ts';
import { writesOf } from './methods.ts';
import { asksNoMore, type NamedRoute, type NamedRoutes } from './named-routes.ts';
import { placeOf } from './overruled.ts';
import type { Finding } from './warning.ts';

/** @param isMeant whether a test of the file says that this permit is meant to take this method out of a block */
export function findWidePermits(
  routes: NamedRoutes,
  lineOf: (ruleIndex: number) => number,
  isMeant: (permit: NamedRoute) => boolean,
): readonly Finding[] {
  return routes.all
    .filter(({ rule }) => rule.effect === 'audit' || rule.effect === 'allow')
    .flatMap((permit) => [
      ...anyMethod(permit),
      ...openEnded(permit),
      ...(isMeant(permit) ? [] : liftsBlock(permit, routes, lineOf)),
    ]);
}

function anyMethod(permit: NamedRoute): readonly Finding[] {
  if (permit.route.methods !== null) return [];
  const { text } = permit.route.pattern;
  return [
    {
      code: 'any_method',
      path: placeOf(permit),
      message: `rule "${permit.rule.id}" permits every method on ${text}, DELETE and those that the app does not know yet among them`,
      hint: `name the methods that are meant, for instance GET|POST ${text}`,
    },
  ];
}

function openEnded(permit: NamedRoute): readonly Finding[] {
  const { pattern } = permit.route;
  const writes = writesOf(permit.route);
  if (pattern.segments.at(-1)?.kind !== 'many' || writes.length === 0) return [];
  const base = pattern.text.replace(/\/?\*\*$/, '');
  return [
    {
      code: 'open_ended',
      path: placeOf(permit),
      message: `rule "${permit.rule.id}" permits ${writes.join(', ')} on everything below ${base === '' ? '/' : base}, whatever is built there next`,
      hint: `name the routes one by one (${base}/:id stands for one segment), or be sure that nothing below it will ever be off-limits`,
    },
  ];
}

function liftsBlock(
  permit: NamedRoute,
  routes: NamedRoutes,
  lineOf: (ruleIndex: number) => number,
): readonly Finding[] {
  const { methods, pattern } = permit.route;
  // One that depends on a header lifts nothing: the client could choose it.
  if (methods === null || permit.rule.header !== undefined) return [];
  return routes
    .atLeastAsWideAs(permit)
    .filter(({ rule }) => rule.effect === 'block' && rule.while === permit.rule.while)
    .filter((block) => asksNoMore(block, permit))
    .flatMap((block) => {
      const lifted = methods.filter(
        (method) => !isRead(method) && block.route.methods?.includes(method) === false,
      );
      if (lifted.length === 0) return [];
      return [
        {
          code: 'lifts_block',
          path: placeOf(permit),
          message: `rule "${permit.rule.id}" lets ${lifted.join(', ')} through on ${pattern.text}, which "${block.rule.id}" (line ${lineOf(block.ruleIndex)}, ${block.text}) would otherwise block with the rest of that path`,
          hint: `if it is meant, say so in a test: { name: …, as: …, for: …, send: ${lifted[0] ?? ''} ${pattern.text}, expect: ${permit.rule.effect}, rule: ${permit.rule.id} }`,
        } as const,
      ];
    });
}
