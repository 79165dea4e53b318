-- Who is in a call beside its two sides: companions of the customer, and managers who help.
--
-- :people:<call> HASH   person -> {part, name, state, voice, hand, since, sid, token}
-- `part`: companion or manager. `state`: asking or in. `voice`: who hears them (nobody, advisor, all).
-- Their place is renewed while its socket lives, like a seat; an empty one is kept for a while.

local MOST_COMPANIONS, MOST_AT_THE_DOOR, MOST_SPEAKING = 5, 10, 2
local PERSON_GRACE_MS = 30000

local function person_of(id, who)
  local raw = get(people_key(id), who)
  return raw and cjson.decode(raw) or nil
end

local function is_in(id, who)
  local person = person_of(id, who)
  return person ~= nil and person.state == 'in'
end

local function place_until(id, who, at) due('person:' .. id .. ':' .. who, at) end

local function keep_person(id, who, person)
  call('HSET', people_key(id), who, cjson.encode(person))
end

function drop_person(id, who, by, reason)
  local person = person_of(id, who)
  if not person then return end
  call('HDEL', people_key(id), who)
  no_due('person:' .. id .. ':' .. who)
  if person.sid ~= '' then feed('k', 'person', 'c', id, 'p', who) end
  if not CONNECTED[get(ck(id), 'state')] then return end -- its record is written: nothing is added
  if person.state == 'in' then
    local data = {who = who, reason = reason}
    if person.part == 'manager' then log(id, 'manager_left', by, data)
    else log(id, 'companion_left', by, data)
    end
  end
  want_path(id)
end

local function count(id, fits)
  local n = 0
  each_person(id, function(who, person) if fits(person, who) then n = n + 1 end end)
  return n
end

-- Whoever may decide about a call's people: its customer, and its advisor.
local function host_of(id)
  local v = read(ck(id), 'state', 'advisor')
  if not CONNECTED[v[1]] then return false end
  return A.side == 'customer' or v[2] == A.advisor
end

-- {side, id, digest, until_ms}: the customer's link from now on; an older one opens nothing any more.
-- Without a digest there is none.
function ops.invite()
  if not host_of(A.id) then return {'refused', 'illegal_move'} end
  set(ck(A.id), 'invite', A.digest, 'invite_until', A.until_ms)
  if A.digest == '' then log_if_room(A.id, 'invitation_revoked', A.side)
  else log_if_room(A.id, 'invited', A.side)
  end
  touch_call(A.id)
  return {'ok'}
end

-- {id, digest, who, name, token}: somebody with the link asks to be let in.
function ops.knock()
  local v = read(ck(A.id), 'state', 'invite', 'invite_until')
  if not CONNECTED[v[1]] or not v[2] or v[2] == '' or v[2] ~= A.digest or T > number(v[3]) then
    return {'refused', 'not_found'}
  end
  if person_of(A.id, A.who) then return {'refused', 'conflict'} end
  if count(A.id, function(person) return person.part == 'companion' end) >= MOST_AT_THE_DOOR then
    return {'refused', 'too_many'}
  end
  keep_person(A.id, A.who, {part = 'companion', name = A.name, state = 'asking', voice = 'nobody',
    hand = false, since = T, sid = '', token = A.token})
  place_until(A.id, A.who, T + PERSON_GRACE_MS)
  touch_call(A.id)
  return {'ok'}
end

-- {side, advisor?, id, who, yes}: let somebody in; or send them away, also later.
function ops.admit()
  if not host_of(A.id) then return {'refused', 'illegal_move'} end
  local person = person_of(A.id, A.who)
  if not person or person.part ~= 'companion' then return {'refused', 'not_found'} end
  if not A.yes then
    drop_person(A.id, A.who, A.side, 'sent_away')
    return {'ok'}
  end
  if person.state == 'in' then return {'ok'} end
  local inside = count(A.id, function(p) return p.part == 'companion' and p.state == 'in' end)
  if inside >= MOST_COMPANIONS then return {'refused', 'too_many'} end
  person.state = 'in'
  keep_person(A.id, A.who, person)
  log(A.id, 'companion_joined', A.side, {who = A.who})
  feed('k', 'person', 'c', A.id, 'p', A.who)
  want_path(A.id)
  return {'ok'}
end

-- {id, who, up}: a companion asks to speak, or does no more.
function ops.raise_hand()
  local person = person_of(A.id, A.who)
  if not person or person.state ~= 'in' then return {'refused', 'not_found'} end
  person.hand = A.up
  if not A.up then person.voice = 'nobody' end
  keep_person(A.id, A.who, person)
  feed('k', 'person', 'c', A.id, 'p', A.who)
  want_path(A.id)
  return {'ok'}
end

-- {side, advisor?, id, who, yes}: let a companion speak, or no more.
function ops.give_voice()
  if not host_of(A.id) then return {'refused', 'illegal_move'} end
  local person = person_of(A.id, A.who)
  if not person or person.part ~= 'companion' or person.state ~= 'in' then return {'refused', 'not_found'} end
  local speaking = count(A.id, function(p, who)
    return p.part == 'companion' and p.voice == 'all' and who ~= A.who
  end)
  if A.yes and speaking >= MOST_SPEAKING then return {'refused', 'too_many'} end
  person.voice, person.hand = A.yes and 'all' or 'nobody', false
  keep_person(A.id, A.who, person)
  feed('k', 'person', 'c', A.id, 'p', A.who)
  want_path(A.id)
  return {'ok'}
end

-- {id, who, advisor, name, mode, sid}: a manager listens (`nobody` hears them), whispers (`advisor`) or barges
-- in (`all`). It is in the log, and on both sides' pages, in the same step: nobody listens unseen.
-- `advisor`: who they are at work, as nobody supervises themselves.
function ops.supervise()
  local v = read(ck(A.id), 'state', 'advisor')
  if not CONNECTED[v[1]] or v[2] == A.advisor then return {'refused', 'illegal_move'} end
  local person = person_of(A.id, A.who)
  if person and person.voice == A.mode and person.sid == A.sid then return {'ok'} end
  keep_person(A.id, A.who, {part = 'manager', name = A.name, state = 'in', voice = A.mode,
    hand = false, since = person and person.since or T, sid = A.sid, token = ''})
  log(A.id, 'supervised', 'manager', {who = A.who, mode = A.mode})
  place_until(A.id, A.who, T + PERSON_GRACE_MS + A.lease_ms)
  feed('k', 'person', 'c', A.id, 'p', A.who)
  want_path(A.id)
  return {'ok'}
end

-- {id, who, advisor, name, languages}: a manager who is in a live call becomes its advisor, for this
-- call only. The advisor so far is free for others.
function ops.take_over()
  local person, v = person_of(A.id, A.who), read(ck(A.id), 'advisor', 'state', 'transfer_to')
  if not person or person.part ~= 'manager' then return {'refused', 'not_found'} end
  local own = get(ak(A.advisor), 'state') or 'away'
  if v[2] ~= 'live' or v[1] == A.advisor or (v[3] and v[3] ~= '') then return {'refused', 'illegal_move'} end
  if own ~= 'away' and own ~= 'available' then return {'refused', 'illegal_move'} end
  if own == 'available' then go_away(A.advisor, 'own_choice') end
  if not move(A.id, 'hand_over', 'manager', {from = v[1], to = A.advisor}) then return {'refused', 'illegal_move'} end
  end_recording(A.id, 'system', 'transfer') -- who comes new has not agreed
  call('SADD', P .. ':advisors', A.advisor)
  set(ak(A.advisor), 'name', A.name, 'stand_in', '', 'languages', A.languages, 'call', A.id, 'ring', '',
    'once', '1')
  set_state(A.advisor, 'busy')
  due('advisor:' .. A.advisor, T + A.advisor_grace_ms + A.lease_ms)
  set(ck(A.id), 'transferred_from', v[1], 'advisor', A.advisor)
  new_advisor(A.id)
  free(v[1], T)
  due('connect:' .. A.id, T + A.connect_ms)
  drop_person(A.id, A.who, 'manager', 'took_over')
  return {'ok'}
end

-- {id, who, sid}: a person's socket takes their seat; an older one is told to go.
function ops.take_place()
  local person = person_of(A.id, A.who)
  if not person then return {'refused', 'not_found'} end
  if person.sid ~= '' and person.sid ~= A.sid then feed('k', 'replaced', 's', person.sid) end
  person.sid = A.sid
  keep_person(A.id, A.who, person)
  place_until(A.id, A.who, T + PERSON_GRACE_MS + A.lease_ms)
  touch_call(A.id)
  return {'ok'}
end

-- {places = {{call, who, sid}, …}}: a node says which places still have their socket. The answer has
-- the sockets that have none.
function ops.renew_places()
  local unknown = {'ok'}
  for _, place in ipairs(A.places) do
    local person = person_of(place[1], place[2])
    if person and person.sid == place[3] then
      place_until(place[1], place[2], T + PERSON_GRACE_MS + A.lease_ms)
    else
      unknown[#unknown + 1] = place[3]
    end
  end
  return unknown
end

-- {id, who, sid}: their socket is gone: they may come back for a while.
function ops.leave_place()
  local person = person_of(A.id, A.who)
  if not person or person.sid ~= A.sid then return {'ok'} end
  person.sid = ''
  keep_person(A.id, A.who, person)
  place_until(A.id, A.who, T + PERSON_GRACE_MS)
  return {'ok'}
end

function ops.go() -- {id, who}: they leave by their own choice
  drop_person(A.id, A.who, 'self', 'left')
  return {'ok'}
end
