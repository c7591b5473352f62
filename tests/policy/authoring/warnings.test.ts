/** What `policy check` says about a file that is sound: rules that decide nothing, permits that are wider than they look. */
import { describe, expect, it } from 'vitest';
import { checkPolicyFile, WARNING_CODES, type Warning } from '../../../policy/index.ts';
import { SHIPPED } from '../loaded.ts';

const HEAD = [
  'version: 1',
  'markets: { valley: { name: Valley, timezone: Europe/Berlin } }',
  'act_as: { who: [{ actors: [market_manager], subjects: [shopper] }] }',
];

/** Line 5 is the first of the rules. */
function warningsOf(rules: readonly string[], more: readonly string[] = []): readonly Warning[] {
  const text = [...HEAD, 'rules:', ...rules.map((rule) => `  - ${rule}`), ...more].join('\n');
  const checked = checkPolicyFile('policy.yaml', text);
  if (!checked.ok) throw new Error(checked.text);
  return checked.warnings;
}

const seen = (warnings: readonly Warning[]) => warnings.map(({ code, line }) => `${code} ${line}`);

describe('a rule that decides nothing', () => {
  const table = [
    [
      'an audit under a block of the path',
      ['{ id: a, on: [ANY /x/**], effect: block }', '{ id: b, on: [POST /x/y], effect: audit }'],
      ['never_decides 6'],
    ],
    [
      'the same the other way round in the file',
      ['{ id: b, on: [POST /x/y], effect: audit }', '{ id: a, on: [ANY /x/**], effect: block }'],
      ['never_decides 5'],
    ],
    [
      'an audit whose methods two blocks name',
      [
        '{ id: a, on: [POST /x/**], effect: block }',
        '{ id: b, on: [PUT /x/*], effect: block }',
        '{ id: c, on: [POST|PUT /x/y], effect: audit }',
      ],
      ['never_decides 7'],
    ],
    [
      'an allow under an audit',
      ['{ id: a, on: [POST /x/:id], effect: audit }', '{ id: b, on: [POST /x/y], effect: allow }'],
      ['never_decides 6'],
    ],
    [
      'an audit under a confirm',
      ['{ id: a, on: [POST /:way], effect: confirm }', '{ id: b, on: [POST|GET /logout], effect: audit }'],
      [],
    ],
    [
      'an audit under a confirm of all its methods',
      ['{ id: a, on: [ANY /:way], effect: confirm }', '{ id: b, on: [POST /logout], effect: audit }'],
      ['never_decides 6'],
    ],
    [
      'a block that spells the path in another case',
      ['{ id: a, on: [ANY /X/**], effect: block }', '{ id: b, on: [POST /x/y], effect: audit }'],
      ['never_decides 6'],
    ],
    [
      'a block for the same actors',
      [
        '{ id: a, on: [POST /x/**], effect: block, actors: { claim: c } }',
        '{ id: b, on: [POST /x/y], effect: audit, actors: { claim: c } }',
      ],
      ['never_decides 6'],
    ],
    [
      'a block for some actors only',
      [
        '{ id: a, on: [POST /x], effect: block, actors: { claim: c } }',
        '{ id: b, on: [POST /x], effect: audit }',
      ],
      [],
    ],
    [
      'a block of another body',
      [
        '{ id: a, on: [POST /x], effect: block, body: { type: object, required: [a] } }',
        '{ id: b, on: [POST /x], effect: audit, body: { type: object, required: [b] } }',
      ],
      [],
    ],
    [
      'a block beside it',
      ['{ id: a, on: [POST /x/y], effect: block }', '{ id: b, on: [POST /x/z], effect: audit }'],
      [],
    ],
    [
      'a narrower block',
      ['{ id: a, on: [POST /x/y], effect: block }', '{ id: b, on: [POST /x/:id], effect: audit }'],
      [],
    ],
    [
      'a pause on the other side',
      ['{ id: a, on: [POST /x], effect: pause, while: assisted }', '{ id: b, on: [POST /x], effect: audit }'],
      [],
    ],
    [
      'a second block without words of its own',
      ['{ id: a, on: [ANY /x/**], effect: block }', '{ id: b, on: [POST /x/y], effect: block }'],
      ['pointless 6'],
    ],
    [
      'a second block with a label',
      ['{ id: a, on: [ANY /x/**], effect: block }', '{ id: b, on: [POST /x/y], effect: block, label: Why }'],
      [],
    ],
    [
      'a second block for some actors',
      [
        '{ id: a, on: [POST /x], effect: block }',
        '{ id: b, on: [POST /x], effect: block, actors: { claim: c } }',
      ],
      ['pointless 6'],
    ],
    [
      'a route that the rule names already',
      ['{ id: a, on: [POST /x/:id, POST /x/7], effect: audit }'],
      ['pointless 5'],
    ],
    [
      'a pause under a pause',
      [
        '{ id: a, on: [POST /x/**], effect: pause, while: assisted }',
        '{ id: b, on: [POST /x/y], effect: pause, while: assisted }',
      ],
      ['pointless 6'],
    ],
  ] as const;
  it.each(table)('%s', (_what, rules, expected) => expect(seen(warningsOf(rules))).toEqual(expected));

  it('says by which rule, where that stands, and what to do', () => {
    const [first] = warningsOf([
      '{ id: all, on: [ANY /x/**], effect: block }',
      '{ id: save, on: [POST /x/y], effect: audit }',
    ]);
    expect(first).toMatchObject({ line: 6, column: 22 });
    expect(first?.message).toBe(
      'rule "save" never decides anything: "all" (line 5, block ANY /x/**) is stricter, and the strictest rule wins',
    );
    expect(first?.hint).toBe('take the route out of "all", or take it out here');
  });
});

describe('a permit that is wider than it looks', () => {
  const table = [
    ['every method', ['{ id: a, on: [ANY /x], effect: audit }'], ['any_method 5']],
    ['everything below', ['{ id: a, on: [POST /x/**], effect: audit }'], ['open_ended 5']],
    ['every look at everything below', ['{ id: a, on: [GET /x/**], effect: allow }'], []],
    ['a block of everything below', ['{ id: a, on: [POST /x/**], effect: block }'], []],
    [
      'a method out of a block',
      [
        '{ id: a, on: [POST /cards/**], effect: block }',
        '{ id: b, on: [PUT /cards/:id/nickname], effect: audit }',
      ],
      ['lifts_block 6'],
    ],
    [
      'a look out of a block',
      ['{ id: a, on: [POST /cards], effect: block }', '{ id: b, on: [GET /cards], effect: allow }'],
      [],
    ],
    [
      'a method out of a block, by a header the client chooses: lifts nothing',
      [
        '{ id: a, on: [POST /cards], effect: block }',
        '{ id: b, on: [PUT /cards], effect: audit, header: { x-a: b } }',
      ],
      [],
    ],
    ['GraphQL as a whole', ['{ id: a, on: [POST /api/graphql], effect: audit }'], ['many_in_one 5']],
    [
      'GraphQL by operation',
      ['{ id: a, on: [POST /graphql], effect: audit, graphql: { mutation: [addItem] } }'],
      [],
    ],
    ['GraphQL blocked', ['{ id: a, on: [POST /graphql], effect: block }'], []],
    ['batches', ['{ id: a, on: [POST /v1/$batch], effect: allow }'], ['many_in_one 5']],
    [
      'remote calls by what they say',
      ['{ id: a, on: [POST /rpc], effect: audit, body: { type: object, required: [method] } }'],
      [],
    ],
  ] as const;
  it.each(table)('%s', (_what, rules, expected) => expect(seen(warningsOf(rules))).toEqual(expected));

  it('is not mentioned again once a test says that a method is meant to be out of the block', () => {
    const rules = [
      '{ id: a, on: [POST /cards/**], effect: block }',
      '{ id: b, on: [PUT /cards/:id/nickname], effect: audit }',
    ];
    const tests = [
      'tests:',
      '  - { name: nicknames, as: market_manager, for: shopper, send: PUT /cards/7/nickname, expect: audit, rule: b }',
    ];
    expect(seen(warningsOf(rules, tests))).toEqual([]);
  });

  it('is every write, where otherwise says so', () => {
    expect(
      seen(warningsOf(['{ id: a, on: [POST /x], effect: block }'], ['otherwise: { writes: allow }'])),
    ).toEqual(['writes_allowed 6']);
  });
});

describe('a condition that cannot hold', () => {
  const table = [
    [
      'a role that nobody who acts has',
      '{ id: a, on: [POST /x], effect: block, actors: { roles: [market_manger] } }',
      'did you mean "market_manager"?',
    ],
    [
      'a subject that nobody may act as',
      '{ id: a, on: [POST /x], effect: block, subjects: { roles: [grower] } }',
      'those who may be acted for: shopper',
    ],
    [
      'a market that is none',
      '{ id: a, on: [POST /x], effect: block, market: vally }',
      'did you mean "valley"?',
    ],
    [
      'a mode that nobody is given',
      '{ id: a, on: [POST /x], effect: block, mode: view }',
      'add "mode: view" to a line of act_as.who, or take the condition out',
    ],
    [
      'a body where there is none',
      '{ id: a, on: [GET /x], effect: block, body: { type: object, required: [a] } }',
      'name the methods that do: POST, PUT, PATCH, DELETE',
    ],
    [
      'operations where there are none',
      '{ id: a, on: [PUT /graphql], effect: block, graphql: { mutation: [a] } }',
      'name the methods that do: GET, POST',
    ],
  ] as const;
  it.each(table)('%s', (_what, rule, hint) => {
    const warnings = warningsOf([rule]);
    expect(seen(warnings)).toEqual(['cannot_hold 5']);
    expect(warnings[0]?.hint).toBe(hint);
  });

  it('is told apart from one that can', () => {
    expect(
      warningsOf([
        '{ id: a, on: [POST /x], effect: block, actors: { roles: [market_manager] }, subjects: { roles: [shopper] }, market: valley, mode: full, body: { type: object, required: [a] } }',
      ]),
    ).toEqual([]);
  });
});

it('A pause on looking is questioned', () => {
  expect(seen(warningsOf(['{ id: a, on: [GET /cart], effect: pause, while: assisted }']))).toEqual([
    'pauses_reads 5',
  ]);
  expect(warningsOf(['{ id: a, on: [GET|POST /cart], effect: pause, while: assisted }'])).toEqual([]);
});

it('A block that depends on what the client says of itself is questioned', () => {
  expect(seen(warningsOf(['{ id: a, on: [POST /x], effect: block, header: { x-client: app } }']))).toEqual([
    'can_be_avoided 5',
  ]);
});

it('Each warning can be accepted by its code, and the others stay', () => {
  const text = [...HEAD, 'rules:', '  - { id: a, on: [ANY /x/**], effect: audit }'].join('\n');
  const codes = (accepted: Parameters<typeof checkPolicyFile>[2]) => {
    const checked = checkPolicyFile('policy.yaml', text, accepted);
    return checked.ok ? checked.warnings.map(({ code }) => code) : null;
  };
  expect(codes([])).toEqual(['any_method', 'open_ended']);
  expect(codes(['open_ended'])).toEqual(['any_method']);
  expect(codes(WARNING_CODES)).toEqual([]);
});

it('The policy that ships has none', () => {
  const checked = checkPolicyFile('policy.yaml', SHIPPED);
  expect(checked.ok && checked.warnings).toEqual([]);
});

it('Ten thousand rules are looked through in a second', () => {
  const rules = Array.from(
    { length: 10_000 },
    (_, n) => `{ id: r${n}, on: [POST /a${n % 100}/b${n}], effect: audit }`,
  );
  const text = [...HEAD, 'rules:', ...rules.map((rule) => `  - ${rule}`)].join('\n');
  const checked = checkPolicyFile('policy.yaml', text);
  expect(checked.ok && checked.warnings).toEqual([]);
}, 15_000);

describe('what is said of sessions and comes to nothing', () => {
  const WHO = '{ actors: [clerk], subjects: [shopper], land_on: /desk, pause: on_lock }';
  const warningsAbout = (rules: readonly string[]): readonly string[] => {
    const text = [
      'version: 1',
      `act_as: { who: [${WHO}], land_on: /market }`,
      'rules:',
      ...rules.map((rule) => `  - ${rule}`),
    ].join('\n');
    const checked = checkPolicyFile('policy.yaml', text);
    return checked.ok ? checked.warnings.map(({ code }) => code) : [checked.text];
  };
  const pause = '{ id: p, while: assisted, on: [POST /c/:id], effect: pause }';

  it('is a page to begin on that is blocked, by whatever spelling', () => {
    expect(warningsAbout([pause, '{ id: a, on: [GET /Desk/**], effect: block, send_back: true }'])).toEqual([
      'begins_blocked',
    ]);
    expect(warningsAbout([pause, '{ id: a, on: [ANY /market], effect: block }'])).toEqual(['begins_blocked']);
    expect(warningsAbout([pause, '{ id: a, on: [POST /market], effect: block }'])).toEqual([]);
  });

  it('is a lock where nothing pauses', () => {
    expect(warningsAbout(['{ id: a, on: [POST /c], effect: audit }'])).toEqual(['locks_nothing']);
  });

  it('is a cart of its own that no rule pauses', () => {
    const seenIn = "{ id: a, on: [PUT /c/:id], effect: audit, cart_id: ':id' }";
    expect(warningsAbout([pause, seenIn])).toEqual(['pauses_no_cart']);
    expect(warningsAbout([pause.replace('pause }', "pause, cart_id: ':id' }"), seenIn])).toEqual([]);
  });
});
