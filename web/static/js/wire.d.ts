/** The messages of `signaling/PROTOCOL.md` as types; nothing of this file reaches a browser. */

export type Side = 'customer' | 'advisor' | 'companion' | 'manager';
export type Path = 'direct' | 'relay';
export type Voice = 'nobody' | 'advisor' | 'all';
export interface PersonHere {
  id: string;
  part: Side;
  name: string;
  state: 'asking' | 'in';
  voice: Voice;
  hand: boolean;
}
export type CallState = 'waiting' | 'ringing' | 'connecting' | 'live' | 'wrap_up' | 'closed';
export type EndReason =
  | 'customer_left'
  | 'customer_lost'
  | 'showroom_closed'
  | 'customer_hung_up'
  | 'advisor_ended'
  | 'customer_gone'
  | 'advisor_gone'
  | 'connect_failed';
export type AdvisorStatus = 'away' | 'available' | 'ringing' | 'busy' | 'wrap_up';
export type Quality = 'good' | 'fair' | 'poor';

export type Rung = 'full' | 'large' | 'middle' | 'small' | 'stills';
export type Narrowed = '' | 'line' | 'loss' | 'delay' | 'saver';
export type Saver = 'off' | 'on' | 'stills';

export interface Description {
  type: 'offer' | 'answer';
  sdp: string;
}
export interface Signal {
  link: number;
  description?: Description | null;
  candidate?: RTCIceCandidateInit | null;
}
export interface Ice {
  servers: RTCIceServer[];
  policy: RTCIceTransportPolicy;
}
export interface Card {
  id: string;
  name: string;
  version: string;
  tagline: string;
  price: number;
  currency: string;
  picture: string;
  equipment: string[];
}
export interface PhotoCard {
  id: string;
  picture: string;
  small: string;
  width: number;
  height: number;
}
export interface LogEntry {
  seq: number;
  at: number;
  kind: 'chat' | 'vehicle' | 'store' | 'photo';
  by: Side;
  id: string;
  name: string;
  text: string;
  vehicle: Card | null;
  photo: PhotoCard | null;
}
export interface PhotoUnderWay {
  id: string;
  state: 'asked' | 'taking';
  since: number;
}
export interface Drawn {
  photo: string;
  by: Side;
  stroke: string;
  start: number;
  points: number[];
}
export interface Undrawn {
  photo: string;
  by: Side;
  stroke: string | null;
}
export interface Recording {
  allowed: boolean;
  state: 'off' | 'asked' | 'on';
  by: Side | null;
  since: number | null;
  over: 'declined' | 'stopped' | 'erased' | 'transfer' | 'over' | 'full' | 'failed' | null;
  erasable: boolean;
}
export interface Peer {
  name: string;
  present: boolean;
  microphone: boolean;
  camera: boolean;
  paused: boolean;
  rung: Rung;
  narrowed: Narrowed;
  saver: Saver;
  quality: Quality | null;
}
export interface Call {
  call: string;
  version: number;
  now: number;
  state: CallState;
  since: number;
  link: number;
  path: Path;
  direct: boolean;
  relay: { turn: number } | null;
  people: PersonHere[];
  held: boolean;
  ice: Ice | null;
  vehicle: Card | null;
  log: LogEntry[];
  recording: Recording | null;
  photo: PhotoUnderWay | null;
  open_photos: { customer: string | null; advisor: string | null };
  live_at: number | null;
  end_reason: EndReason | null;
  advisor?: Peer | null;
  customer?: Peer | null;
}
export interface CustomerCall extends Call {
  invited_until: number | null;
  transferring: boolean;
  queue: { position: number; expected_wait: number | null; offer_call_back: boolean } | null;
  advisor: Peer | null;
  rating: number | null;
}
export interface AdvisorCall extends Call {
  ring: number;
  ring_until: number | null;
  transfer_to: string | null;
  transferred_from: string | null;
  language: string;
  waited_ms: number;
  repeated: boolean;
  visit: { id: string; starts_at: number; name: string; wish: string } | null;
  customer: Peer | null;
  notes: string;
}
export interface JoinedCall {
  call: string;
  version: number;
  now: number;
  state: CallState;
  held: boolean;
  me: PersonHere;
  relay: { turn: number } | null;
  ice: Ice | null;
  vehicle: Card | null;
  advisor: Peer | null;
  customer: Peer | null;
  people: PersonHere[];
  log: LogEntry[];
  recording: Recording | null;
  live_at: number | null;
}
export interface LanguageState {
  free: number;
  on_duty: number;
  waiting: number;
  expected_wait: number | null;
}
export interface ShowroomState {
  open: boolean;
  open_until: number | null;
  next_opening: number | null;
  queue_closed: boolean;
  notice: Record<string, string>;
  languages: Record<string, LanguageState>;
}
export interface AdvisorState {
  state: AdvisorStatus;
  since: number;
  away_reason:
    | 'own_choice'
    | 'missed_ring'
    | 'connection_lost'
    | 'wrap_up_expired'
    | 'signed_out'
    | 'disabled'
    | 'by_manager'
    | null;
  missed_today: number;
}
export interface FollowUp {
  id: string;
  kind: 'call_back' | 'missed_call' | 'called_off';
  name: string;
  phone: string | null;
  language: string;
  vehicle: string | null;
  at: number;
  taken_by: string | null;
  mine: boolean;
}
export interface Visit {
  id: string;
  starts_at: number;
  ends_at: number;
  name: string;
  vehicle: string | null;
  language: string;
  wish: string;
  state: 'booked' | 'waiting' | 'host_no_show' | 'live' | 'done' | 'no_show';
  late: boolean;
}
export interface FloorAdvisor {
  id: string;
  name: string;
  state: AdvisorStatus;
  since: number;
  present: boolean;
  sent_away: boolean;
}
export interface FloorCall {
  call: string;
  state: CallState;
  since: number;
  created_at: number;
  language: string;
  vehicle: string | null;
  advisor: string | null;
  quality: Quality | null;
  place: number | null;
}
export interface FloorState {
  now: number;
  queue_closed: number | null;
  notice: Record<string, string>;
  waiting: number;
  advisors: FloorAdvisor[];
  calls: FloorCall[];
  alarms: FloorAlarm[];
  silences: Partial<Record<AlarmKind, number>>;
}
export type AlarmKind = 'waiting' | 'nobody' | 'answers' | 'receiver';
export interface FloorAlarm {
  id: string;
  kind: AlarmKind;
  name: string;
  numbers: Record<string, number>;
  since: number;
  raised_at: number;
  acknowledged_at: number | null;
  acknowledged_by: string;
}
export interface RoomState {
  slug: string;
  name: string;
  open: boolean;
  waiting: number;
  waits_since: number | null;
  running: number;
  available: number;
  on_duty: number;
  offered: number;
  answered: number;
  alarms: number;
}
export interface Refusal {
  code: string;
  message: string;
  retry_after?: number;
}

/** What the server pushes, by the name of its event, and what the client adds of its own. */
export interface Pushes {
  call_state: any;
  joined_state: JoinedCall;
  not_in_call: { over: boolean };
  no_call: unknown;
  showroom_state: ShowroomState;
  advisor_state: AdvisorState;
  follow_ups: { items: FollowUp[] };
  visits: { now: number; items: Visit[] };
  signal: Signal;
  logged: { entry: LogEntry };
  pointed: { by: Side; x: number; y: number };
  photo_progress: { photo: string; received: number; size: number };
  drawn: Drawn;
  undrawn: Undrawn;
  floor_state: FloorState;
  rooms_state: { now: number; rooms: RoomState[] };
  replaced: unknown;
  signed_out: unknown;
  /** The socket is up; `again` when it had been up before. */
  connected: { again: boolean };
  /** The socket is gone and will come back by itself. */
  disconnected: unknown;
  /** The server does not let this page in, and trying again won't help. */
  refused: Refusal;
}

/** A vehicle as a page's data block describes it. */
export interface Vehicle {
  id: string;
  name: string;
  version: string;
  tagline: string;
  price: number;
  currency: string;
  picture: string;
  /** The same, as large as a list needs it. */
  small: string;
  pictures: { angle: string; paint: string; path: string }[];
  paints: { slug: string; name: string; hex: string }[];
  equipment: string[];
  energy: string;
  range_km: number | null;
  power_kw: number | null;
  seats: number | null;
  boot_litres: number | null;
  /** Offered to nobody any more; what was with it keeps its name. */
  withdrawn: boolean;
}
