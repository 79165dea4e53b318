-- What the customer asks of the queue, and what the advisor does with calls.

-- {id, fields, language, first, kept_until?}: a new call enters the queue; `first`: it goes before the
-- others. With `kept_until` it is booked, and the fields are those of `BookedVisit`.
function ops.request()
  local key = ck(A.id)
  if call('EXISTS', key) == 1 then -- perhaps by this same request, whose answer was lost
    return get(key, 'token') == A.fields.token and {'ok'} or {'refused', 'conflict'}
  end
  -- Who is booked is expected, and whose call broke was in already.
  if not A.kept_until and not A.first and (get(P .. ':floor', 'closed') or '') ~= '' then
    return {'refused', 'queue_closed'}
  end
  local score = (A.first and 0 or 1e13) + T
  for name, value in pairs(A.fields) do set(key, name, value) end
  if A.kept_until then score = book(A.id) end
  set(key, 'state', 'waiting', 'since', T, 'created', T, 'score', score,
    'language', A.language, 'link', 0, 'version', 0)
  call('SADD', P .. ':calls', A.id)
  call('ZADD', P .. ':q:' .. A.language, text(score), A.id)
  due('customer:' .. A.id, T + A.queue_grace_ms + A.lease_ms)
  log(A.id, 'request', 'customer', {language = A.language, vehicle = A.fields.vehicle})
  touch_call(A.id)
  serve_call(A.id)
  return {'ok'}
end

function ops.leave() -- {id}
  return leave(A.id, 'customer_left', 'customer') and {'ok'} or {'refused', 'illegal_move'}
end

function ops.hang_up() -- {id}
  return finish(A.id, 'customer_hung_up', 'customer') and {'ok'} or {'refused', 'illegal_move'}
end

-- {advisor, name, languages, stand_in}: the page tells who works here; nothing rings yet.
function ops.sign_on()
  local key = ak(A.advisor)
  call('SADD', P .. ':advisors', A.advisor)
  set(key, 'name', A.name, 'stand_in', A.stand_in and '1' or '')
  local state = get(key, 'state')
  if not state then set(key, 'state', 'away', 'since', T, 'reason', '') end
  if not state or state == 'away' then set(key, 'languages', A.languages) end
  return {'ok'}
end

function ops.go_available() -- {advisor}
  local v = read(ak(A.advisor), 'state', 'languages')
  if v[1] == 'available' then return {'ok'} end
  if v[1] ~= 'away' then return {'refused', 'illegal_move'} end
  each(v[2], function(l) call('SADD', P .. ':duty:' .. l, A.advisor) end)
  due('advisor:' .. A.advisor, T + A.advisor_grace_ms + A.lease_ms)
  free(A.advisor, T)
  return {'ok'}
end

function ops.go_away() -- {advisor, reason}
  local state = get(ak(A.advisor), 'state')
  if state == 'away' then return {'ok'} end
  if state == 'ringing' then
    ring_over(A.advisor, 'decline', 'advisor', function() go_away(A.advisor, A.reason) end)
    return {'ok'}
  end
  if state ~= 'available' then return {'refused', 'illegal_move'} end
  go_away(A.advisor, A.reason)
  return {'ok'}
end

-- {advisor, reason}: signed out or shut out. Whatever they had ends honestly.
function ops.sign_off()
  local v = read(ak(A.advisor), 'state', 'call')
  if not v[1] or v[1] == 'away' then return {'ok'} end
  if v[1] == 'ringing' then
    ring_over(A.advisor, 'decline', 'system', function() go_away(A.advisor, A.reason) end)
    return {'ok'}
  end
  if v[1] == 'busy' then finish(v[2], 'advisor_gone', 'system') end
  go_away(A.advisor, A.reason)
  return {'ok'}
end

local function rings_here(advisor, id, n)
  local v = read(ak(advisor), 'state', 'call', 'ring')
  return v[1] == 'ringing' and v[2] == id and v[3] == text(n)
end

local function accepted_here(advisor, id, n)
  local v, w = read(ak(advisor), 'state', 'call'), read(ck(id), 'advisor', 'ring')
  return v[1] == 'busy' and v[2] == id and w[1] == advisor and w[2] == text(n)
end

local function a_human_is_idle(id)
  local v = read(ck(id), 'language', 'host')
  if host_is_free(id, v[2]) then return true end
  for _, advisor in ipairs(call('ZRANGEBYSCORE', P .. ':idle:' .. v[1], '-inf', '(' .. text(STAND_IN))) do
    if not skips(id, advisor) then return true end
  end
  return false
end

-- What was the last one's is not the new one's: connections, what they said of themselves.
local function new_advisor(id)
  set(ck(id), 'linked', '', 'held', '', 'a_media', '', 'a_quality', '', 'a_seen', '',
    'a_open', '')
  add(ck(id), 'link', 1)
  add(ck(id), 'arranged', 1)
end

local function busy(advisor)
  set(ak(advisor), 'ring', '')
  set_state(advisor, 'busy')
end

-- {advisor, id, ring}: an accept whose answer was lost is repeated, and is no error.
function ops.accept()
  if accepted_here(A.advisor, A.id, A.ring) then return {'ok'} end
  if not rings_here(A.advisor, A.id, A.ring) then return {'refused', 'illegal_move'} end
  local v = read(ck(A.id), 'transfer_to', 'advisor', 'linked', 'link', 'visit', 'host')
  if v[1] == A.advisor then
    if not move(A.id, 'hand_over', 'advisor', {from = v[2], to = A.advisor}) then return {'refused', 'illegal_move'} end
    end_recording(A.id, 'system', 'transfer') -- who comes new has not agreed
    set(ck(A.id), 'transfer_to', '', 'transferred_from', v[2], 'advisor', A.advisor,
      'ring_until', '')
    new_advisor(A.id)
    drop_person(A.id, 'm-' .. A.advisor, 'manager', 'took_over')
    busy(A.advisor)
    free(v[2], T)
  else
    if get(ak(A.advisor), 'stand_in') == '1' and a_human_is_idle(A.id) then
      ring_over(A.advisor, 'decline', 'system', function() free(A.advisor, T) end)
      return {'refused', 'human_available'}
    end
    if not move(A.id, 'accept', 'advisor', {advisor = A.advisor}) then return {'refused', 'illegal_move'} end
    set(ck(A.id), 'ring_until', '', 'accepted', T, 'transferred_from', '')
    call('DEL', P .. ':tried:' .. A.id)
    busy(A.advisor)
    if v[5] and v[5] ~= '' then let_go(v[6], v[5]) end
  end
  no_due('ring:' .. A.id, 'visit:' .. A.id)
  due('connect:' .. A.id, T + A.connect_ms)
  -- Whose page is away has the longer grace of a call from now on.
  local lost = number(get(ck(A.id), 'lost'))
  if lost > 0 then due('customer:' .. A.id, lost + A.call_grace_ms) end
  if v[1] ~= A.advisor and v[3] == v[4] and v[3] ~= '' then -- connected while it rang
    no_due('connect:' .. A.id)
    move(A.id, 'connect', 'system')
    set(ck(A.id), 'live', T)
  end
  return {'ok'}
end

function ops.decline() -- {advisor, id, ring}
  if not rings_here(A.advisor, A.id, A.ring) then return {'refused', 'illegal_move'} end
  ring_over(A.advisor, 'decline', 'advisor', function() free(A.advisor, T) end)
  return {'ok'}
end

local function is_theirs(id, advisor)
  return get(ck(id), 'advisor') == advisor
end

function ops.hold() -- {advisor, id, held}
  if not is_theirs(A.id, A.advisor) then return {'refused', 'illegal_move'} end
  local held = get(ck(A.id), 'held') == '1'
  if held == A.held then return {'ok'} end
  if not move(A.id, A.held and 'hold' or 'resume', 'advisor') then return {'refused', 'illegal_move'} end
  set(ck(A.id), 'held', A.held and '1' or '')
  add(ck(A.id), 'arranged', 1)
  return {'ok'}
end

function ops.transfer() -- {advisor, id, to}
  local v = read(ck(A.id), 'advisor', 'transfer_to', 'state', 'language')
  if v[1] ~= A.advisor or v[3] ~= 'live' then return {'refused', 'illegal_move'} end
  if v[2] == A.to then return {'ok'} end -- repeated
  if v[2] and v[2] ~= '' then return {'refused', 'illegal_move'} end
  -- In the list of the idle stands who is available, is there, and speaks the language.
  local place = call('ZSCORE', P .. ':idle:' .. v[4], A.to)
  if not place or number(place) >= STAND_IN then return {'refused', 'advisor_not_free'} end
  ring(A.id, A.to, true)
  move(A.id, 'transfer', 'advisor', {to = A.to})
  return {'ok'}
end

function ops.end_call() -- {advisor, id}
  if not is_theirs(A.id, A.advisor) then return {'refused', 'illegal_move'} end
  return finish(A.id, 'advisor_ended', 'advisor') and {'ok'} or {'refused', 'illegal_move'}
end

-- {advisor, id, outcome, reason, notes}: saying the same outcome twice is no error.
function ops.save_outcome()
  local v = read(ck(A.id), 'advisor', 'state', 'outcome')
  if v[1] ~= A.advisor then return {'refused', 'not_found'} end
  if v[2] == 'closed' and v[3] == A.outcome then return {'ok'} end
  if v[2] ~= 'wrap_up' then return {'refused', 'illegal_move'} end
  set(ck(A.id), 'outcome', A.outcome, 'outcome_reason', A.reason, 'notes', A.notes)
  close(A.id, 'advisor')
  if get(ak(A.advisor), 'call') == A.id then free(A.advisor, T) end
  return {'ok'}
end
