/** What staff's pages and the server say of leads; `docs/leads.md` describes it. */
export type Wish = 'buy' | 'lease' | 'test-drive' | 'offer' | 'brochure' | 'trade-in';
export type LeadState = 'new' | 'contacted' | 'won' | 'lost';
export type Move = 'contact' | 'win' | 'lose' | 'reopen';

export interface WishedVehicle {
  slug: string;
  version: string;
  configuration: string;
}
export interface TradeIn {
  make: string;
  model: string;
  year: string;
  mileage: string;
  condition: string;
  registration: string;
}
/** A consent as the sheet has it: the server notes when it was given. */
export interface Agreed {
  purpose: string;
  version: string;
}
/** A call's side sheet, as typed. */
export interface Sheet {
  name: string;
  email: string;
  phone: string;
  postcode: string;
  language: string;
  consents: Agreed[];
  vehicles: WishedVehicle[];
  wishes: Wish[];
  trade_in: TradeIn;
  budget: string;
  currency: string;
  financing: string;
  horizon: string;
  dealer: string;
  notes: string;
}
export interface Reason {
  rule: string;
  points: number;
}
/** What a lead is worth by now. */
export interface Verdict {
  score: number;
  reasons: Reason[];
  qualified_at?: string | null;
}
export interface Dealer {
  code: string;
  name: string;
  street: string;
  postcode: string;
  city: string;
  km: number | null;
}
/** Moments are RFC 3339. */
export interface Lead extends Verdict {
  id: string;
  version: number;
  state: LeadState;
  contact: {
    name: string;
    email: string | null;
    phone: string | null;
    postcode: string | null;
    language: string;
  };
  /** Whether address and number are hidden: it is a colleague's lead. */
  masked?: boolean;
  consents: (Agreed & { at: string })[];
  vehicles: WishedVehicle[];
  wishes: Wish[];
  trade_in: {
    make: string;
    model: string;
    year: number | null;
    mileage: number | null;
    condition: string | null;
    registration: string;
  } | null;
  budget: { amount: number; currency: string } | null;
  financing: string;
  horizon: string | null;
  dealer: { code: string; chosen: boolean } | null;
  notes: string;
  campaign: { first: Touch | null; last: Touch | null };
  qualified_at: string | null;
  calls?: {
    id: string;
    started_at: string;
    duration_s: number;
    rating: number | null;
    outcome: string | null;
  }[];
  created_at: string;
  updated_at: string;
  owner: string | null;
  owner_name: string | null;
  due_at: string | null;
  overdue: boolean;
}
export interface Touch {
  source: string;
  medium: string;
  name: string;
  at: string;
}
export interface LeadEvent {
  seq: number;
  at: string;
  kind: string;
  by: string;
  by_name: string | null;
  data: Record<string, unknown>;
}
/** One lead with all that is known of it. */
export interface Known {
  lead: Lead;
  history: LeadEvent[];
  moves: Move[];
}
