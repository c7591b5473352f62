/** The envelopes that go back and forth between the main thread and a worker. */
export type ToWorker<Request> =
  { readonly kind: 'request'; readonly id: number; readonly request: Request } | { readonly kind: 'close' };

export type FromWorker<Answer> =
  | { readonly kind: 'ready' }
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'answer'; readonly id: number; readonly answer: Answer }
  | { readonly kind: 'failure'; readonly id: number; readonly reason: string };
