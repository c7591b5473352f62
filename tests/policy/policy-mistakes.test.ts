/** What authors of policy.yaml get told, where, and what they probably meant. */
import { describe, expect, it } from 'vitest';
import { checkPolicyFile, loadPolicy } from '../../policy/index.ts';
import { SHIPPED } from './loaded.ts';

const HEAD = 'version: 1\nact_as: { who: [{ actors: [manager], subjects: [shopper] }] }\n';

function mistakesIn(text: string): readonly string[] {
  const loaded = loadPolicy(text);
  if (loaded.ok) return [];
  return loaded.mistakes.map(
    ({ line, column, path, message, hint }) =>
      `${line}:${column} ${path}: ${message}${hint === undefined ? '' : ` — ${hint}`}`,
  );
}

/** Mistakes in one rule, which begins at line 3, column 9 of the file. */
function inRule(rule: string): readonly string[] {
  return mistakesIn(`${HEAD}rules: [${rule}]\n`).map((one) => one.replace(/^\d+:\d+ rules\[0\]\.?/, ''));
}

describe('routes', () => {
  const wildcards =
    'has no meaning in a path; only letters, digits, - . _ ~ @ $ + , = and the wildcards :name, * and ** have';
  const table: readonly (readonly [route: string, mistake: string])[] = [
    ['put /x', '"put" is not a method — did you mean "PUT"?'],
    ['DELTE /x', '"DELTE" is not a method — did you mean "DELETE"?'],
    ['FROB /x', '"FROB" is not a method — known are GET, POST, PUT, PATCH, DELETE, OPTIONS and ANY'],
    ['* /x', 'a method cannot be * — write ANY for every method'],
    ['PUT,PATCH /x', 'methods are separated by | — write PUT|PATCH'],
    ['HEAD /x', 'HEAD is always decided as GET — write GET'],
    ['/x', '"/x" is not a route — write METHOD /path, for instance PUT /api/password'],
    ['PUT x', '"x" must start with /'],
    ['PUT https://shop/x', '"https://shop/x" must start with /'],
    ['PUT /x/', 'a path must not end with / — write /x'],
    ['PUT /x//y', 'a path must not hold an empty segment (//)'],
    ['PUT //', 'a path must not end with / — write /'],
    ['PUT /a/../b', 'a path must not hold the segment ".."'],
    ['PUT /./b', 'a path must not hold the segment "."'],
    ['PUT /!x', `"!" ${wildcards}`],
    ['PUT /(a|b)', `"(" ${wildcards}`],
    ['PUT /+(a)', `"(" ${wildcards}`],
    ['PUT /[id]', `"[" ${wildcards}`],
    ['PUT /{id}', `"{" ${wildcards}`],
    ['PUT /a?b', `"?" ${wildcards}`],
    ['PUT /a#b', `"#" ${wildcards}`],
    ['PUT /a%20b', `"%" ${wildcards}`],
    ['PUT /a;b', `";" ${wildcards}`],
    ['PUT /a\\\\b', `"\\" ${wildcards}`],
    ['PUT /*.json', '"*.json" mixes * with text; * and ** stand for whole segments only'],
    ['PUT /:', '":" is not a parameter; one is : and a name of letters, digits and _'],
    ['PUT /:a-b', '":a-b" is not a parameter; one is : and a name of letters, digits and _'],
    ['PUT /x.', 'the segment "x." must not end with a dot'],
    ['PUT /**/**', '** after ** says nothing more — write it once'],
    ['PUT /**/a/**/b/**', 'a path may hold ** at most 2 times'],
  ];
  for (const [route, mistake] of table)
    it(`${route}: ${mistake}`, () =>
      expect(inRule(`{ id: r, effect: block, on: ["${route}"] }`)).toEqual([`on[0]: ${mistake}`]));

  it('in every form that is documented are understood', () => {
    const good = [
      'GET /',
      'PUT|PATCH /a',
      'ANY /b/:id/c',
      'DELETE /c/*',
      'POST /d/**',
      'POST /**/e',
      'GET /.well-known/x',
      'GET /f/A-b_c.d~@$+,=',
      'GET /süße',
    ];
    expect(inRule(`{ id: r, effect: block, on: [${good.map((route) => `"${route}"`).join(', ')}] }`)).toEqual(
      [],
    );
  });
});

describe('rules that contradict themselves', () => {
  const table: readonly (readonly [rule: string, mistakes: readonly string[]])[] = [
    [
      'id: r, on: [PUT /x], effect: pause',
      ['effect: pause holds the subject back, not the actor — add "while: assisted", or write block'],
    ],
    [
      'id: r, on: [PUT /x], effect: block, while: assisted',
      ['effect: block is for the acting side — while assisted, a request is paused or goes on: write pause'],
    ],
    [
      'id: r, on: [PUT /x], effect: block, amend: { json: { /a: b } }',
      ['amend: a request under block is not forwarded, so nothing can be amended'],
    ],
    [
      'id: r, on: [PUT /x], effect: allow, capture: { a: /a }',
      [
        'capture: what is captured goes into the record, and allow writes none of the answer — write effect: audit',
      ],
    ],
    [
      'id: r, on: [PUT /x], effect: confirm, background: true',
      ['background: only allowed and audited requests can be background, not confirm'],
    ],
    [
      'id: r, on: [PUT /x], effect: audit, body_message: Too little.',
      ['body_message: this rule has no body that a request could miss'],
    ],
    [
      'id: r, on: [PUT /x], effect: block, body: { type: object }, body_message: Too little.',
      [
        'body_message: block holds where the body is met, so nobody is told that they missed it — write a label instead',
      ],
    ],
    [
      'id: r, on: [PUT /x], effect: block, body_limit: 1KiB',
      ['body_limit: a request under block is not forwarded, so its body is never read'],
    ],
    [
      'id: r, on: [PUT /x], effect: block, actors: {}',
      ['actors: says nothing about the actor; name roles or a claim'],
    ],
    [
      'id: r, on: [PUT /x], effect: audit, body_limit: stream, amend: { json: { /a: b } }',
      ['body_limit: a streamed body cannot be amended — give a size instead'],
    ],
    [
      'id: r, on: [PUT /x], effect: allow, action: x',
      ['action: allow writes no audit event, so it has no action — write effect: audit'],
    ],
    [
      'id: Change_It, on: [PUT /x], effect: block',
      ['id: an id is made of lower-case words joined by -, for instance change-password'],
    ],
    [
      'id: r, on: [PUT /x], effect: block, action: A b',
      ['action: an action is made of lower-case words joined by _, for instance place_order'],
    ],
    [
      'id: r, on: [PUT /x], effect: audit, body_limit: stream, body: { type: object }',
      ['body_limit: a streamed body cannot be looked into — give a size instead'],
    ],
    [
      'id: r, on: [PUT /x], effect: audit, body: 1MiB',
      ['body: expected a JSON Schema (a mapping) — how much of a body is read is body_limit'],
    ],
    [
      'id: r, on: [PUT /x], effect: audit, body: { type: object, properties: { n: { type: integr } } }',
      [
        'body.properties.n.type: in a JSON Schema this must be equal to one of the allowed values — did you mean "integer"?',
      ],
    ],
    [
      'id: r, on: [PUT /x], effect: audit, body: { type: object, properties: { n: { type: integer, minimun: 0 } } }',
      ['body.properties.n.minimun: unknown keyword of JSON Schema — did you mean "minimum"?'],
    ],
    [
      'id: r, on: [PUT /x], effect: audit, body: { properties: { n: { type: integer } } }',
      ['body: missing type "object" for keyword "properties"'],
    ],
    [
      'id: r, on: [PUT /x], effect: allow, header: { x-please: present }',
      [
        'header: a client chooses its own headers, so what they permit must leave a record — write effect: audit',
      ],
    ],
    [
      'id: r, on: [PUT /x], effect: block, header: { X-Please: present }',
      ['header.X-Please: a header is named in lower case, for instance x-requested-with'],
    ],
    [
      'id: r, on: [PUT /x], effect: block, subjects: {}, query: {}, graphql: {}',
      [
        'subjects: says nothing about the subject; name roles or a claim',
        'query: names no parameter',
        'graphql: names no field; list some under query, mutation or subscription',
      ],
    ],
    [
      'id: r, on: [POST /x], effect: block, graphql: { mutations: [a], query: ["a b"] }',
      [
        'graphql.mutations: unknown key — did you mean "mutation"?',
        'graphql.query[0]: expected the name of a field such as addItemToOrder, the beginning of one such as add*, or *',
      ],
    ],
    [
      'id: r, on: [POST /x], effect: audit, body: { type: object }, graphql: { query: [a] }',
      ['graphql: a rule looks at a body in one way — write body or graphql, not both'],
    ],
    [
      'id: r, on: [POST /x], effect: block, reads: true',
      ['reads: only allowed and audited requests can be reads, not block'],
    ],
    [
      'id: r, on: [POST /x], effect: audit, mode: view',
      ['mode: a session that may only look writes nothing — add "reads: true" if this only reads'],
    ],
    [
      'id: r, on: [POST /x], effect: audit, amend: { header: { cookie: a } }',
      ['amend.header.cookie: this header cannot be amended'],
    ],
    ['id: r, on: [POST /x], effect: audit, amend: {}', ['amend: amends nothing; name json, form or header']],
    [
      'id: r, on: [POST /x/:id], effect: audit, redact: [/card/number, pin, ":token"], capture: { pin: /a/pin/0 }',
      [
        'redact: no route of this rule has a parameter :token',
        'capture: "pin" would record /a/pin/0, which redact keeps off the record',
      ],
    ],
    ['id: r, on: [], effect: block', ['on: needs at least one entry']],
    ['id: r, on: PUT /x, effect: block', ['on: expected a list, not "PUT /x"']],
    [
      'id: r, on: [PUT /x], effect: blok',
      ['effect: "blok" is not one of allow, audit, confirm, block, pause — did you mean "block"?'],
    ],
    ['id: r, on: [PUT /x], effect: block, whlie: assisted', ['whlie: unknown key — did you mean "while"?']],
    ['id: r, on: [PUT /x, PUT /X], effect: block', ['on[1]: this rule names that route twice']],
    ['id: r, on: [PUT /:a, PUT /*], effect: block', ['on[1]: this rule names that route twice']],
    [
      'id: r, on: [PUT /x], effect: audit, amend: { json: { note: b } }',
      ['amend.json.note: a JSON pointer starts with / and names a field, for instance /order/id'],
    ],
    [
      'id: r, on: [PUT /x], effect: audit, capture: { A: /~2 }',
      ['capture.A: a captured field is named by lower-case letters, digits and _, for instance order_id'],
    ],
    [
      'id: r, on: [PUT /x/], effect: pause',
      [
        'on[0]: a path must not end with / — write /x',
        'effect: pause holds the subject back, not the actor — add "while: assisted", or write block',
      ],
    ],
  ];
  it.each(table)('%s', (rule, mistakes) => expect(inRule(`{ ${rule} }`)).toEqual(mistakes));
});

describe('text with placeholders', () => {
  const table: readonly (readonly [text: string, mistakes: readonly string[]])[] = [
    ['by {actor.nmae}', ['unknown placeholder {actor.nmae} — did you mean "actor.name"?']],
    [
      'by {constructor}',
      [
        'unknown placeholder {constructor} — allowed here: actor.id, actor.name, actor.first_name, actor.email, actor.role, subject.id, subject.name, subject.first_name, subject.email, session.id, market.id, market.name',
      ],
    ],
    ['{', ['a single { stands open — double it ({{) to mean the character itself']],
    ['a } b', ['a single } stands open — double it (}}) to mean the character itself']],
    ['{{a}} {market.name}', []],
  ];
  it.each(table)('%s', (text, mistakes) =>
    expect(inRule(`{ id: r, on: [PUT /x], effect: audit, amend: { json: { /a: "${text}" } } }`)).toEqual(
      mistakes.map((mistake) => `amend.json["/a"]: ${mistake}`),
    ),
  );
});

describe('a file whose parts contradict each other', () => {
  const table: readonly (readonly [what: string, text: string, mistakes: readonly string[]])[] = [
    [
      'two rules of one id',
      `${HEAD}rules:\n  - { id: a, on: [PUT /x], effect: block }\n  - { id: a, on: [PUT /y], effect: block }\n`,
      ['5:11 rules[1].id: another rule is called "a" already'],
    ],
    [
      'two rules for one route',
      `${HEAD}rules:\n  - { id: a, on: [PUT|POST /x/:id], effect: block }\n  - { id: b, on: [POST /X/*], effect: audit }\n`,
      ['5:19 rules[1].on[0]: rule "a" names this route already'],
    ],
    [
      'also when something else is wrong',
      `${HEAD}rules:\n  - { id: a, on: [PUT /x], efect: block }\n  - { id: a, on: [PUT /x], effect: block }\n`,
      [
        '4:28 rules[0].efect: unknown key — did you mean "effect"?',
        '5:11 rules[1].id: another rule is called "a" already',
        '5:19 rules[1].on[0]: rule "a" names this route already',
      ],
    ],
    [
      'a subject who is protected',
      'version: 1\nact_as:\n  who: [{ actors: [m], subjects: [shopper, m] }]\n  never: [m]\n',
      ['3:44 act_as.who[0].subjects[1]: "m" stands under never as well, and never wins'],
    ],
    [
      'idle longer than absolute',
      'version: 1\nact_as:\n  who: [{ actors: [m], subjects: [s] }]\n  idle_timeout: 3h\n',
      ['4:17 act_as.idle_timeout: must not be longer than absolute_timeout'],
    ],
    [
      'timeouts out of bounds',
      'version: 1\nact_as:\n  who: [{ actors: [m], subjects: [s] }]\n  idle_timeout: 0\n  absolute_timeout: 25h\n',
      [
        '4:17 act_as.idle_timeout: must be at least 1s and at most 24h',
        '5:21 act_as.absolute_timeout: must be at least 1s and at most 24h',
      ],
    ],
    [
      'a reason too long to keep',
      'version: 1\nact_as: { who: [{ actors: [m], subjects: [s] }], reason: { max_length: 501 } }\n',
      ['2:72 act_as.reason.max_length: must be at most 500'],
    ],
    [
      'a landing page elsewhere',
      'version: 1\nact_as: { who: [{ actors: [m], subjects: [s] }], land_on: //evil.example }\n',
      ['2:59 act_as.land_on: expected a path of the app such as /market'],
    ],
    [
      'no time zone',
      `${HEAD}markets: { v: { name: V, timezone: Mars/Base }, w: { name: W, timezone: "+02:00" } }\n`,
      [
        '3:36 markets.v.timezone: "Mars/Base" is no IANA time zone — for instance America/New_York',
        '3:73 markets.w.timezone: "+02:00" is no IANA time zone — for instance America/New_York',
      ],
    ],
    ['nobody who may act', 'version: 1\n', ['1:1 act_as: this key is missing']],
    ['a version from the future', HEAD.replace('1', '2'), ['1:10 version: 2 is not 1']],
    [
      'a careless default',
      `${HEAD}otherwise: { writes: pause }\n`,
      ['3:22 otherwise.writes: "pause" is not one of allow, audit, block'],
    ],
  ];
  it.each(table)('%s', (_, text, mistakes) => expect(mistakesIn(text)).toEqual(mistakes));
});

describe('the check of a file', () => {
  it('says in one line that a good one is good', () => {
    const check = checkPolicyFile('policy.yaml', SHIPPED);
    expect(check.ok).toBe(true);
    expect(check.text).toMatch(
      /^policy\.yaml is good: \d+ rules, \d+ tests passed; otherwise reads allow, writes block$/,
    );
  });
  it('prints each mistake of a bad one, and counts them', () => {
    const check = checkPolicyFile(
      'policy.yaml',
      SHIPPED.replace('effect: confirm', 'efect: confirm').replace('\n  land_on:', '\n  lands_on:'),
    );
    expect(check.ok).toBe(false);
    expect(check.text.split('\n')).toEqual([
      expect.stringMatching(/^policy\.yaml:\d+:3 act_as\.lands_on: unknown key — did you mean "land_on"\?$/),
      expect.stringMatching(
        /^policy\.yaml:\d+:5 rules\[\d+\]\.efect: unknown key — did you mean "effect"\?$/,
      ),
      '2 mistakes in policy.yaml',
    ]);
  });
  it('gives a changed file another hash', () => {
    const [one, two] = [SHIPPED, `${SHIPPED}# changed\n`].map((text) => checkPolicyFile('p', text));
    expect(one?.ok && one.policy.hash).toMatch(/^[0-9a-f]{64}$/);
    expect(one?.ok && two?.ok && one.policy.hash !== two.policy.hash).toBe(true);
  });
});
