-- What both sides of a call do.

-- {side, advisor?, id, link}: this side's connection is up.
function ops.connected()
  local v = read(ck(A.id), 'state', 'link', 'advisor')
  if A.side == 'advisor' and v[3] ~= A.advisor then return {'refused', 'illegal_move'} end
  if not RUNS[v[1]] then return {'refused', 'illegal_move'} end
  if v[2] ~= text(A.link) then return {'ok'} end
  set(ck(A.id), 'linked', v[2])
  if v[1] == 'connecting' then
    no_due('connect:' .. A.id)
    move(A.id, 'connect', A.side)
    if not get(ck(A.id), 'live') then set(ck(A.id), 'live', T) end
  end
  return {'ok'}
end

-- {side, advisor?, id, link}: at most one a second from each side, as both sides begin anew each time.
function ops.relink()
  local asked = A.side .. '_relinked'
  local v = read(ck(A.id), 'state', 'link', 'advisor', asked)
  if A.side == 'advisor' and v[3] ~= A.advisor then return {'refused', 'illegal_move'} end
  if not RUNS[v[1]] then return {'refused', 'illegal_move'} end
  if v[2] ~= text(A.link) or T - number(v[4]) < 1000 then return {'ok'} end
  set(ck(A.id), asked, T)
  relink(A.id)
  log_if_room(A.id, 'relink', A.side)
  return {'ok'}
end

-- {side, advisor?, id, link?, event, data}: hand something on to the other side, or to both.
-- With a link: only while the call runs on it. Without: only in a call that was accepted.
function ops.pass()
  local v = read(ck(A.id), 'state', 'link', 'advisor')
  if A.side == 'advisor' and v[3] ~= A.advisor then return {'refused', 'illegal_move'} end
  if A.person and not is_in(A.id, A.person) then return {'refused', 'not_found'} end
  if A.link then
    if not RUNS[v[1]] then return {'refused', 'illegal_move'} end
    if v[2] ~= text(A.link) then return {'ok'} end
  elseif not TALKS[v[1]] then
    return {'refused', 'illegal_move'}
  end
  local to = A.both and 'both' or (A.side == 'advisor' and 'customer' or 'advisor')
  feed('k', 'wire', 'c', A.id, 'a', v[3], 'to', to, 'e', A.event, 'd', A.data)
  return {'ok'}
end

-- {side, advisor?, id, key, kind, data}: keep a line in the log and show it to both sides, once.
function ops.say()
  local v = read(ck(A.id), 'state', 'advisor')
  if A.side == 'advisor' and v[2] ~= A.advisor then return {'refused', 'illegal_move'} end
  if not TALKS[v[1]] then return {'refused', 'illegal_move'} end
  if A.person then
    if not is_in(A.id, A.person) then return {'refused', 'not_found'} end
    A.data.name = person_of(A.id, A.person).name
    A.side, A.key = 'companion', A.person .. A.key
  end
  local list, said = P .. ':log:' .. A.id, P .. ':said:' .. A.id
  if call('SISMEMBER', said, A.side .. A.key) == 1 then return {'ok'} end
  if call('LLEN', list) >= A.log_limit then return {'refused', 'too_many'} end
  call('SADD', said, A.side .. A.key)
  local entry = cjson.encode({at = T, kind = A.kind, by = A.side, data = A.data})
  local seq = call('RPUSH', list, entry) - 1
  feed('k', 'said', 'c', A.id, 'a', v[2], 'n', text(seq), 'd', entry)
  return {'ok'}
end

-- {id, fields, states, advisor?, quiet?}: set plain fields while the call is in one of the states.
function ops.note()
  local v = read(ck(A.id), 'state', 'advisor', 'accepted')
  if not v[1] then return {'refused', 'not_found'} end
  if A.advisor and v[2] ~= A.advisor then return {'refused', 'illegal_move'} end
  if A.accepted and not v[3] then return {'refused', 'illegal_move'} end
  local allowed = false
  for _, state in ipairs(A.states) do allowed = allowed or state == v[1] end
  if not allowed then return {'refused', 'illegal_move'} end
  local changed = false
  for name, value in pairs(A.fields) do
    if get(ck(A.id), name) ~= value then
      set(ck(A.id), name, value)
      changed = true
    end
  end
  if not changed then return {'ok'} end
  if A.quiet then add(ck(A.id), 'version', 1) else touch_call(A.id) end
  if v[1] == 'wrap_up' or v[1] == 'closed' then call('SADD', P .. ':unsaved', A.id) end
  return {'ok'}
end

-- {id, version, keep_s}: SQL has this version. A closed call may now fade from memory.
function ops.saved()
  local v = read(ck(A.id), 'version', 'state')
  if v[1] ~= text(A.version) then return {'ok'} end
  call('SREM', P .. ':unsaved', A.id)
  if v[2] == 'closed' then
    for _, key in ipairs({ck(A.id), P .. ':log:' .. A.id, P .. ':said:' .. A.id, P .. ':tried:' .. A.id,
      P .. ':people:' .. A.id}) do
      call('EXPIRE', key, A.keep_s)
    end
  end
  return {'ok'}
end
