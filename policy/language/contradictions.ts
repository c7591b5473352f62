/** What contradicts itself within one rule, in words for its author. */
import { pointerOf } from './obligation-schemas.ts';
import type { RuleLine } from './rule-schema.ts';

export type Contradiction = readonly [key: keyof RuleLine, message: string, hint?: string | undefined];

export function contradictions(rule: RuleLine): readonly Contradiction[] {
  return [
    ...ofSides(rule),
    ...ofConditions(rule),
    ...ofObligations(rule),
    ...ofCarts(rule),
    ...ofBodies(rule),
    ...ofWebSockets(rule),
  ];
}

function ofSides(rule: RuleLine): readonly Contradiction[] {
  const found: Contradiction[] = [];
  if (rule.while === 'acting' && rule.effect === 'pause')
    found.push([
      'effect',
      'pause holds the subject back, not the actor',
      'add "while: assisted", or write block',
    ]);
  if (rule.while === 'assisted' && rule.effect !== 'pause')
    found.push([
      'effect',
      `${rule.effect} is for the acting side`,
      'while assisted, a request is paused or goes on: write pause',
    ]);
  return found;
}

function ofConditions(rule: RuleLine): readonly Contradiction[] {
  const found: Contradiction[] = [];
  if (rule.header !== undefined && rule.effect === 'allow')
    found.push([
      'header',
      'a client chooses its own headers, so what they permit must leave a record',
      'write effect: audit',
    ]);
  if (rule.body !== undefined && rule.graphql !== undefined)
    found.push(['graphql', 'a rule looks at a body in one way', 'write body or graphql, not both']);
  if (rule.body_message !== undefined && (rule.body === undefined || !forwards(rule)))
    found.push([
      'body_message',
      rule.body === undefined
        ? 'this rule has no body that a request could miss'
        : `${rule.effect} holds where the body is met, so nobody is told that they missed it`,
      rule.body === undefined ? undefined : 'write a label instead',
    ]);
  if (rule.mode === 'view' && rule.reads !== true && forwards(rule) && rule.on.every(onlyWrites))
    found.push([
      'mode',
      'a session that may only look writes nothing',
      'add "reads: true" if this only reads',
    ]);
  return found;
}

function ofObligations(rule: RuleLine): readonly Contradiction[] {
  const found: Contradiction[] = [];
  if (rule.amend !== undefined && !forwards(rule))
    found.push(['amend', `a request under ${rule.effect} is not forwarded, so nothing can be amended`]);
  if (rule.capture !== undefined && rule.effect !== 'audit')
    found.push([
      'capture',
      `what is captured goes into the record, and ${rule.effect} writes none of the answer`,
      'write effect: audit',
    ]);
  const secret = Object.entries(rule.capture ?? {})
    .map(([name, captured]) => [name, pointerOf(captured)] as const)
    .find(([, pointer]) => isRedacted(pointer, rule.redact));
  if (secret !== undefined)
    found.push(['capture', `"${secret[0]}" would record ${secret[1]}, which redact keeps off the record`]);
  const unknown = rule.redact?.find((field) => field.startsWith(':') && !rule.on.some(names(field)));
  if (unknown !== undefined) found.push(['redact', `no route of this rule has a parameter ${unknown}`]);
  if (rule.background === true && !forwards(rule))
    found.push(['background', `only allowed and audited requests can be background, not ${rule.effect}`]);
  if (rule.reads === true && !forwards(rule))
    found.push(['reads', `only allowed and audited requests can be reads, not ${rule.effect}`]);
  if (rule.action !== undefined && (rule.effect === 'allow' || rule.effect === 'pause'))
    found.push([
      'action',
      `${rule.effect} writes no audit event, so it has no action`,
      rule.effect === 'allow' ? 'write effect: audit' : undefined,
    ]);
  return found;
}

function ofCarts(rule: RuleLine): readonly Contradiction[] {
  const found: Contradiction[] = [];
  if (rule.places_order === true && rule.capture?.['order_id'] === undefined)
    found.push([
      'places_order',
      'an order is found again by its id, and this rule captures none',
      'add capture: { order_id: /order/id }',
    ]);
  if (rule.send_back === true && rule.effect !== 'block')
    found.push(['send_back', `only who is blocked is sent back, and this rule says ${rule.effect}`]);
  if (rule.send_back === true && rule.on.every(onlyWrites))
    found.push(['send_back', 'people are sent back from pages, and this rule names none', 'add GET /path']);
  const { cart_id: cart } = rule;
  if (cart === undefined) return found;
  if (cart.startsWith('/') && rule.effect !== 'audit')
    found.push([
      'cart_id',
      `answers are looked into only under audit, and this rule says ${rule.effect}`,
      'name a parameter of the path, or write effect: audit',
    ]);
  else if (rule.effect === 'block' || rule.effect === 'confirm')
    found.push(['cart_id', `a request under ${rule.effect} is not forwarded, so it touches no cart`]);
  if (cart.startsWith(':') && !rule.on.every(names(cart)))
    found.push(['cart_id', `not every route of this rule has a parameter ${cart}`]);
  if (rule.redact?.includes(cart) === true)
    found.push(['cart_id', `${cart} is what redact keeps off the record`]);
  return found;
}

function ofBodies(rule: RuleLine): readonly Contradiction[] {
  const found: Contradiction[] = [];
  const looks = rule.body !== undefined || rule.graphql !== undefined;
  if (rule.body_limit !== undefined && !forwards(rule) && !looks)
    found.push(['body_limit', `a request under ${rule.effect} is not forwarded, so its body is never read`]);
  if (rule.body_limit !== 'stream') return found;
  const amends = rule.amend?.json !== undefined || rule.amend?.form !== undefined;
  if (amends) found.push(['body_limit', 'a streamed body cannot be amended', 'give a size instead']);
  if (looks) found.push(['body_limit', 'a streamed body cannot be looked into', 'give a size instead']);
  return found;
}

function ofWebSockets({ websocket, effect, on, body_limit }: RuleLine): readonly Contradiction[] {
  if (websocket === undefined) return [];
  const found: Contradiction[] = [];
  if (!forwards({ effect }))
    found.push(['websocket', `a request under ${effect} is not forwarded, so no WebSocket is opened`]);
  else if (websocket.messages === 'both' && effect !== 'audit')
    found.push([
      'websocket',
      'what a browser sends over a WebSocket carries actions, so it must leave a record',
      'write effect: audit, or messages: from_app',
    ]);
  if (websocket.message !== undefined && websocket.messages !== 'both')
    found.push(['websocket', 'no message of the browser is sent, whatever it says', 'write messages: both']);
  else if (websocket.message !== undefined && body_limit === 'stream')
    found.push(['body_limit', 'a message of any length cannot be looked into', 'give a size instead']);
  if (!on.some(namesGet))
    found.push(['websocket', 'a WebSocket is opened by GET, and this rule names none', 'add GET /path']);
  return found;
}

function namesGet({ methods }: RuleLine['on'][number]): boolean {
  return methods?.includes('GET') ?? true;
}

function forwards({ effect }: Pick<RuleLine, 'effect'>): boolean {
  return effect === 'allow' || effect === 'audit';
}

function onlyWrites({ methods }: RuleLine['on'][number]): boolean {
  return methods !== null && !methods.includes('GET') && !methods.includes('OPTIONS');
}

function names(parameter: string): (route: RuleLine['on'][number]) => boolean {
  return ({ pattern }) => pattern.text.split('/').includes(parameter);
}

/** A pointer is kept off the record by itself, by one above it, or by the name of any field on its way. */
export function isRedacted(pointer: string, redact: readonly string[] | undefined): boolean {
  return (redact ?? []).some((field) =>
    field.startsWith('/')
      ? pointer === field || pointer.startsWith(`${field}/`)
      : pointer.split('/').slice(1).includes(field.replaceAll('~', '~0')),
  );
}
