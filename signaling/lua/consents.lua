-- Who asks for a recording, who agrees, and who takes it back (recording.lua).

local MOST_QUESTIONS = 5

local function agrees(id, side)
  set(ck(id), side == 'customer' and 'c_agreed' or 'a_agreed', T)
end

-- Whose word it was: an advisor's by their id, as calls go from one to another.
local function whose(v) return {advisor = A.side == 'advisor' and v[2] or nil} end

-- Both have agreed: from here on, and only from here on, an order to a worker names it.
local function start_recording(id, recording, by)
  local v = read(ck(id), 'c_agreed', 'a_agreed', 'advisor', 'recorded')
  set(ck(id), 'recording', 'on', 'recording_id', recording, 'recording_since', T,
    'recorded', (v[4] or '') .. recording .. ',', 'recording_over', '')
  note_recording(recording, {call = id, advisor = v[3], customer_at = number(v[1]),
    advisor_at = number(v[2]), started = T})
  log(id, 'recording_started', by, {recording = recording, advisor = v[3]})
  want_path(id)
end

local function may_speak(v) return v[1] == 'live' and (A.side ~= 'advisor' or v[2] == A.advisor) end

-- {side, advisor?, id, new}: ask the other side; whoever asks has agreed by that.
function ops.record()
  local v = read(ck(A.id), 'state', 'advisor', 'recording', 'recording_by', 'recording_asked')
  if not may_speak(v) then return {'refused', 'illegal_move'} end
  if v[3] == 'on' or (v[3] == 'asked' and v[4] == A.side) then return {'ok'} end
  if v[3] == 'asked' then
    agrees(A.id, A.side)
    start_recording(A.id, A.new, A.side)
    return {'ok'}
  end
  if number(v[5]) >= MOST_QUESTIONS then return {'refused', 'too_many'} end
  add(ck(A.id), 'recording_asked', 1)
  set(ck(A.id), 'recording', 'asked', 'recording_by', A.side, 'recording_since', T, 'c_agreed', '',
    'a_agreed', '', 'recording_over', '')
  agrees(A.id, A.side)
  log(A.id, 'recording_asked', A.side, whose(v))
  touch_call(A.id)
  return {'ok'}
end

-- {side, advisor?, id, new, yes}: the other side answers. A no holds whatever is going on: a second
-- tap, or one that crossed a yes of their own.
function ops.consent_recording()
  local v = read(ck(A.id), 'state', 'advisor', 'recording', 'recording_by')
  if not may_speak(v) then return {'refused', 'illegal_move'} end
  if A.yes then
    if v[3] == 'on' then return {'ok'} end
    if v[3] ~= 'asked' or v[4] == A.side then return {'refused', 'illegal_move'} end
    agrees(A.id, A.side)
    start_recording(A.id, A.new, A.side)
    return {'ok'}
  end
  if v[3] == 'asked' then log(A.id, 'recording_declined', A.side, whose(v)) end
  end_recording(A.id, A.side, 'stopped')
  want_path(A.id)
  return {'ok'}
end

-- {side, advisor?, id, erase}: either side stops it, or takes back the question. With `erase` all that
-- was recorded of this call goes, also what had been stopped before: at any time, also after the call,
-- as long as it is known.
function ops.stop_recording()
  local v = read(ck(A.id), 'state', 'advisor', 'recording', 'recorded')
  local theirs = v[1] and (A.side ~= 'advisor' or v[2] == A.advisor)
  if not may_speak(v) and not (A.erase and theirs) then return {'refused', 'illegal_move'} end
  end_recording(A.id, A.side, A.erase and 'erased' or 'stopped')
  if A.erase and v[4] and v[4] ~= '' then
    each(v[4], function(recording) note_recording(recording, {call = A.id, ended = T, erase = true}) end)
    log(A.id, 'recording_erased', A.side, whose(v))
    set(ck(A.id), 'recorded', '', 'recording_over', 'erased')
    touch_call(A.id)
    if v[1] == 'wrap_up' or v[1] == 'closed' then call('SADD', P .. ':unsaved', A.id) end
  end
  if v[1] == 'live' then want_path(A.id) end
  return {'ok'}
end

-- {id, recording?, why}: it can't go on, or may not any more: this one, or whichever runs. The call
-- goes on.
function ops.halt_recording()
  local running = get(ck(A.id), 'recording_id') or ''
  if running ~= '' and (not A.recording or running == A.recording) then
    end_recording(A.id, 'system', A.why)
    want_path(A.id)
  end
  return {'ok'}
end

-- {recording, facts}: SQL knows this of it. If nothing has changed since, it need not stay here.
function ops.recording_noted()
  if get(recordings_key(), A.recording) == A.facts then call('HDEL', recordings_key(), A.recording) end
  return {'ok'}
end
