/** Rules that permit WebSockets, put before those of the shipped policy. */

export const LIVE_RULES = `rules:
  - id: watch-orders
    on: [GET /live/orders]
    effect: allow
    websocket: { messages: from_app, protocols: [orders.v1] }
  - id: chat
    on: [GET /live/chat/:token]
    effect: audit
    action: open_chat
    redact: [':token']
    body_limit: 1KiB
    websocket: { messages: both }
  - id: subscribe
    on: [GET /live/topics]
    effect: audit
    reads: true
    body_limit: 1KiB
    websocket:
      messages: both
      message:
        type: object
        required: [subscribe]
        additionalProperties: false
        properties: { subscribe: { enum: [orders, stock] } }
  - id: live-off-limits
    on: [GET /live/payments]
    effect: block
    label: Watching payments
  - id: pause-live-cart
    while: assisted
    on: [GET /live/cart]
    effect: pause
`;

export const withLiveRules = (yaml: string): string => yaml.replace(/^rules:\n/m, LIVE_RULES);
