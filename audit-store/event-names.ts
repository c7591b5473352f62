/** What an event is called and how it came out. New ones are only added at the end: where each stands is kept (see meetings.ts). */
export const EVENT_NAMES = ['start', 'stop', 'action', 'blocked', 'expired'] as const;
export const OUTCOMES = ['ok', 'blocked', 'error'] as const;

export type AuditEventName = (typeof EVENT_NAMES)[number];
export type AuditOutcome = (typeof OUTCOMES)[number];
