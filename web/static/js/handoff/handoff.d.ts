/** What the page of the handoff gets from `web/handoff.py`. Moments in UTC milliseconds. */

export interface Endpoint {
  id: string;
  kind: string;
  name: string;
  address: string;
  topics: string[];
  dealer: string | null;
  state: 'new' | 'works' | 'failing' | 'disabled';
  signed: boolean;
  rotating: boolean;
  delivered_at: number | null;
  failing_since: number | null;
  disabled_at: number | null;
  disabled_reason: string;
  waiting: number;
  waiting_since: number | null;
}

export interface Delivery {
  id: string;
  number: number;
  endpoint: string;
  topic: string;
  subject: string;
  state: string;
  created_at: number;
  finished_at: number | null;
  next_try_at: number | null;
  attempts: number;
  answer: string;
}

export interface Attempt {
  attempt: number;
  at: number;
  took_ms: number;
  request: { [name: string]: unknown; body?: string };
  status: number | null;
  answer: string;
  result: string;
}

export interface Config {
  showroom: string;
  showrooms: { slug: string; name: string }[];
  zone: string;
  carries: Record<string, string[]>;
  endpoints: Endpoint[];
}

export interface Server {
  address(path: string, query?: Record<string, string>): string;
  read(path: string, query?: Record<string, string>): Promise<any>;
  /** Post a change; what shows is fetched again when it was made. */
  change(path: string, payload?: object): Promise<any>;
}
