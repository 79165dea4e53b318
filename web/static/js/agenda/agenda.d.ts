/** What the agendas' pages hear from the server: see `web/agenda.py` and `web/roster.py`. */
import type { Day, Span } from './axis.js';

export interface Visit {
  id: string;
  /** Whose it is; nobody's when a colleague received it out of turn. */
  advisor: string | null;
  advisor_name: string | null;
  /** The customer asked for this advisor. */
  named: boolean;
  starts_at: number;
  ends_at: number;
  state: string;
  end_reason: string | null;
  name: string;
  email: string | null;
  /** The last letter to them came back. */
  mail_returned: boolean;
  phone: string | null;
  language: string;
  vehicle: string | null;
  wish: string;
}

export interface Shift {
  id: string;
  name: string;
  languages: string[];
  working: Span[];
  away: { from: number; until: number; reason: string }[];
  elsewhere: Span[];
}

export interface Days {
  now: number;
  today: string;
  days: Day[];
  advisors: Shift[];
  visits: Visit[];
}

export interface Config {
  showroom: string;
  showrooms: { slug: string; name: string }[];
  zone: string;
  today: string;
  base: string;
  vehicles: Record<string, string>;
  feed_since?: number | null;
}

export type View = 'day' | 'week' | 'list';

/** Somebody's weekly hours: from and until, in minutes after midnight. */
export type Week = Record<string, [number, number][]>;

export interface Roster {
  name: string;
  hours: Week | null;
  opening: Week;
  absences: { id: string; from: number; until: number; reason: string }[];
}

export interface Taker {
  id: string;
  name: string;
  obstacle: string | null;
}
