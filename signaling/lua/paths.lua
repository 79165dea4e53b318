-- How media flows: from browser to browser, or through a relay. Of two paths the pages make the new
-- one first, say when its picture is there, and leave the old one when both have said so.
--
-- In the call: `path` (direct or relay: where it should flow), `relay` (the worker, or nothing),
-- `relays_before` (the workers that had it, each with a comma: pages may still be there), `turn` (a
-- new one means new connections to the relay), `direct_off` (the direct path is left),
-- `c_seen` and `a_seen` (the path that each side has its picture from), `ranks` (connections to the
-- relay so far), `arranged` (changes of who may be in the relay's room, and of whether it is on hold).

local ON_RELAY, DIRECT = 'relay', 'direct'
local CONNECTED = {connecting = true, live = true}
local MOST_BEFORE = 4

local function people_key(id) return P .. ':people:' .. id end

local function each_person(id, visit)
  local rows = call('HGETALL', people_key(id))
  for i = 1, #rows, 2 do visit(rows[i], cjson.decode(rows[i + 1])) end
end

local function needs_relay(id)
  if get(ck(id), 'recording') == 'on' then return true end
  local found = false
  each_person(id, function(_, person) found = found or person.state == 'in' end)
  return found
end

local function flow(id, path)
  set(ck(id), 'path', path, 'c_seen', '', 'a_seen', '')
  -- A link that nobody has left yet is as good as a new one.
  if path == DIRECT and get(ck(id), 'direct_off') == '1' then
    set(ck(id), 'direct_off', '', 'linked', '')
    add(ck(id), 'link', 1)
  end
end

-- What a call needs may have changed: bring its path in line. The worker is chosen by a node.
local function want_path(id)
  local v = read(ck(id), 'state', 'path', 'relay')
  local wanted = CONNECTED[v[1]] and needs_relay(id)
  set(ck(id), 'wants_relay', wanted and '1' or '')
  add(ck(id), 'arranged', 1)
  if wanted then
    call('SADD', P .. ':relayed', id)
    if v[2] ~= ON_RELAY and v[3] and v[3] ~= '' then flow(id, ON_RELAY) end
  elseif v[2] == ON_RELAY and CONNECTED[v[1]] and not A.stay_relayed then
    flow(id, DIRECT)
  end
  touch_call(id)
end

-- Who may be in the relay's room, as JSON. An advisor sits there by name: whoever hands the call over
-- is put out, whatever their page does.
local function seats_of(id)
  local seats = {{who = 'customer', part = 'customer', voice = 'all'}}
  seats[2] = {who = 'a-' .. get(ck(id), 'advisor'), part = 'advisor', voice = 'all'}
  each_person(id, function(who, person)
    if person.state == 'in' then
      seats[#seats + 1] = {who = who, part = person.part, voice = person.voice}
    end
  end)
  return cjson.encode(seats)
end

-- The workers that had a call, but for the one that has it: never so many that it could grow.
local function left_behind(before, from, to)
  local found = {}
  each(before .. from .. ',', function(worker)
    if worker ~= to and worker ~= '' then found[#found + 1] = worker .. ',' end
  end)
  return table.concat(found, '', math.max(1, #found - MOST_BEFORE + 1))
end

-- {id, from, to}: a node has chosen a worker, or says that there is none (any more). From nothing to
-- nothing: whatever rooms there were are closed, and nobody needs to look any more.
function ops.route()
  local v = read(ck(A.id), 'relay', 'state', 'wants_relay', 'path', 'relays_before')
  if (v[1] or '') ~= A.from then return {'ok'} end
  local runs = CONNECTED[v[2]]
  local wanted, stays = runs and v[3] == '1', runs and A.from ~= '' and v[4] == ON_RELAY
  if A.to ~= '' and (wanted or stays) then -- stays: nobody needs it, but the policy keeps it there
    set(ck(A.id), 'relay', A.to, 'relays_before', left_behind(v[5] or '', A.from, A.to))
    add(ck(A.id), 'turn', 1)
    add(ck(A.id), 'arranged', 1) -- the one before must hear that it records no more
    flow(A.id, ON_RELAY)
    touch_call(A.id)
    return {'ok'}
  end
  if A.from ~= '' then
    set(ck(A.id), 'relay', '', 'relays_before', left_behind(v[5] or '', A.from, ''))
    if stays then flow(A.id, DIRECT) end
    touch_call(A.id)
  elseif not wanted then
    call('SREM', P .. ':relayed', A.id)
    if v[2] then set(ck(A.id), 'relays_before', '') end
  end
  return {'ok'}
end

-- {side?, advisor?, who, id, turn, rank?}: somebody connects to the relay: where, under which rank,
-- who else may be there, and what is recorded. A rank that is named is a restart of that connection.
function ops.leg()
  local v = read(ck(A.id), 'state', 'advisor', 'relay', 'turn', 'held', 'ranks', 'arranged',
    'recording_id')
  if A.side == 'advisor' and v[2] ~= A.advisor then return {'refused', 'illegal_move'} end
  if not CONNECTED[v[1]] or not v[3] or v[3] == '' or v[4] ~= text(A.turn) then
    return {'refused', 'illegal_move'}
  end
  if not A.side then
    local raw = get(people_key(A.id), A.who)
    if not raw or cjson.decode(raw).state ~= 'in' then return {'refused', 'not_found'} end
  end
  if A.rank and A.rank > number(v[6]) then return {'refused', 'illegal_move'} end
  local rank = A.rank or call('HINCRBY', ck(A.id), 'ranks', 1)
  return {'ok', v[3], text(rank), v[7] or '0', v[5] == '1' and '1' or '', seats_of(A.id), v[8] or ''}
end

-- {id}: where a call's room is, whether it is on hold, who may be in it, and what is recorded.
-- Nothing of a call that is over.
function ops.arrangement()
  local v = read(ck(A.id), 'relay', 'held', 'arranged', 'state', 'recording_id')
  if not CONNECTED[v[4]] then return {'refused', 'illegal_move'} end
  return {'ok', v[1] or '', v[3] or '0', v[2] == '1' and '1' or '', seats_of(A.id), v[5] or ''}
end

-- {side, advisor?, id, path, number}: this side has its picture from there. When both have, the
-- other path is left.
function ops.settled()
  local v = read(ck(A.id), 'state', 'advisor', 'path', 'turn', 'link', 'relay', 'direct_off')
  if A.side == 'advisor' and v[2] ~= A.advisor then return {'refused', 'illegal_move'} end
  if not CONNECTED[v[1]] then return {'refused', 'illegal_move'} end
  local present = v[3] == ON_RELAY and v[4] or v[5]
  if (v[3] or DIRECT) ~= A.path or present ~= text(A.number) then return {'ok'} end
  set(ck(A.id), A.side == 'customer' and 'c_seen' or 'a_seen', A.path .. text(A.number))
  if v[1] == 'connecting' then
    no_due('connect:' .. A.id)
    move(A.id, 'connect', A.side)
    if not get(ck(A.id), 'live') then set(ck(A.id), 'live', T) end
  end
  local seen = read(ck(A.id), 'c_seen', 'a_seen')
  if seen[1] ~= seen[2] then return {'ok'} end
  if A.path == ON_RELAY and v[7] ~= '1' then
    set(ck(A.id), 'direct_off', '1', 'linked', '')
    touch_call(A.id)
  elseif A.path == DIRECT and v[6] and v[6] ~= '' then
    call('SADD', P .. ':relayed', A.id) -- a node closes the room, and takes it out
    set(ck(A.id), 'path', DIRECT)
    touch_call(A.id)
    return {'ok', v[6]}
  end
  return {'ok'}
end
