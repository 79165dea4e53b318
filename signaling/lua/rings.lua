-- Who is idle, and who rings where.

local function unidle(id)
  each(get(ak(id), 'languages'), function(l) call('ZREM', P .. ':idle:' .. l, id) end)
end

-- What an advisor did until now goes into the record, as far as it does not stand there yet. Who is at
-- work is written each quarter of an hour: what is more was not, while no node ran.
local QUARTER = 900000
local function note_stint(id, until_ms)
  local v = read(ak(id), 'state', 'since', 'noted', 'reason')
  local from = math.max(number(v[2]), number(v[3]))
  local to = v[1] == 'away' and until_ms or math.min(until_ms, from + 2 * QUARTER)
  if not v[1] or from == 0 or to <= from then return end
  local stint = {advisor = id, state = v[1], reason = v[4] or '', from = text(from), to = text(to)}
  call('ZADD', P .. ':stints', text(to), cjson.encode(stint))
  set(ak(id), 'noted', until_ms)
end

local function set_state(id, state, reason)
  note_stint(id, T)
  set(ak(id), 'state', state, 'since', T, 'reason', reason or '')
  touch_advisor(id)
end

local function go_away(id, reason)
  unidle(id)
  each(get(ak(id), 'languages'), function(l) call('SREM', P .. ':duty:' .. l, id) end)
  no_due('advisor:' .. id) -- whoever is away may go without a grace
  set(ak(id), 'call', '', 'ring', '', 'once', '', 'leaving', '')
  set_state(id, 'away', reason)
end

-- Enter the lists of the idle. Whoever has no socket right now stays out until they are back, and
-- whoever is kept free for a visit until that is over.
local function list_idle(id)
  local v = read(ak(id), 'languages', 'idle_since', 'stand_in', 'lost', 'kept_until')
  if (v[4] and v[4] ~= '') or number(v[5]) > T then return end
  local score = number(v[2]) + (v[3] == '1' and STAND_IN or 0)
  each(v[1], function(l) call('ZADD', P .. ':idle:' .. l, text(score), id) end)
end

local function ring(id, advisor, transfer)
  local n = text(call('INCR', P .. ':rings'))
  unidle(advisor)
  set(ak(advisor), 'call', id, 'ring', n)
  set_state(advisor, 'ringing')
  set(ck(id), 'ring', n, 'ring_until', T + A.ring_ms)
  add(ck(id), 'rings', 1)
  due('ring:' .. id, T + A.ring_ms)
  if transfer then
    set(ck(id), 'transfer_to', advisor)
    return
  end
  call('ZREM', P .. ':q:' .. get(ck(id), 'language'), id)
  set(ck(id), 'advisor', advisor, 'linked', '')
  add(ck(id), 'link', 1)
  move(id, 'ring', 'system', {advisor = advisor})
end

local function skips(id, advisor)
  return number(call('ZSCORE', P .. ':tried:' .. id, advisor)) > T
end

local function is_there(advisor)
  local v = read(ak(advisor), 'state', 'lost')
  return v[1] == 'available' and (not v[2] or v[2] == '')
end

-- Whether the host of a booked call can take it now. Nobody else's visit keeps them from it.
local function host_is_free(id, host)
  return host and host ~= '' and is_there(host) and not skips(id, host)
end

-- Ring the host of a booked call, or (once it isn't kept for them any more, and for all other calls)
-- the advisor who is idle longest and whom this call doesn't skip.
local function serve_call(id)
  local v, from = read(ck(id), 'language', 'host', 'kept'), 0
  if host_is_free(id, v[2]) then ring(id, v[2]); return true end
  if v[3] == '1' then return false end
  while true do
    local idle = call('ZRANGE', P .. ':idle:' .. v[1], from, from + 31)
    for _, advisor in ipairs(idle) do
      if not skips(id, advisor) then ring(id, advisor); return true end
    end
    if #idle < 32 then return false end
    from = from + 32
  end
end

-- The first call of a language's queue that isn't kept for a host and doesn't skip the advisor, and
-- its place's score.
local function first_for(advisor, language)
  local from = 0
  while true do
    local waiting = call('ZRANGE', P .. ':q:' .. language, from, from + 7, 'WITHSCORES')
    for i = 1, #waiting, 2 do
      local score = number(waiting[i + 1])
      if score >= 0 and not skips(waiting[i], advisor) then return waiting[i], score end
    end
    if #waiting < 16 then return nil end
    from = from + 8
  end
end

-- Of the calls booked with an advisor that wait, the one that should have begun first. `booked` is
-- tidied up on the way: what was accepted or is over doesn't come back.
local function own_visit(id, booked)
  local first, first_starts, left = nil, nil, ''
  each(booked, function(call_id)
    local v = read(ck(call_id), 'state', 'starts')
    if v[1] == 'waiting' or v[1] == 'ringing' then left = left .. call_id .. ',' end
    local starts = number(v[2])
    local sooner = not first or starts < first_starts
    if v[1] == 'waiting' and sooner and not skips(call_id, id) then first, first_starts = call_id, starts end
  end)
  if left ~= booked then set(ak(id), 'booked', left) end
  return first
end

-- Give a free advisor their own visit, or else the call that goes first over all their languages.
local function serve_advisor(id)
  local best, best_score
  local v = read(ak(id), 'languages', 'booked', 'lost')
  if v[2] and v[2] ~= '' and (not v[3] or v[3] == '') then
    local own = own_visit(id, v[2])
    if own then ring(own, id); return end
  end
  each(v[1], function(language)
    if not call('ZSCORE', P .. ':idle:' .. language, id) then return end
    local call_id, score = first_for(id, language)
    if call_id and (not best or score < best_score) then best, best_score = call_id, score end
  end)
  if best then ring(best, id) end
end

local function free(id, idle_since)
  -- A manager who took one call over is nobody else's advisor.
  if get(ak(id), 'once') == '1' then return go_away(id, 'own_choice') end
  if get(ak(id), 'leaving') == '1' then return go_away(id, 'by_manager') end
  set(ak(id), 'call', '', 'ring', '', 'idle_since', idle_since)
  set_state(id, 'available')
  list_idle(id)
  serve_advisor(id)
end

-- A booked call is everybody's from now on; it still goes before those that were not booked.
local function lift(id, starts) set(ck(id), 'kept', '', 'score', number(starts)) end

-- The ring is over without an accept: back into the queue at the old place, and on to the next. Whose
-- host didn't take it waits for nobody in particular; the host is asked again with the others.
local function ring_again(id, advisor, name, by)
  no_due('ring:' .. id)
  call('ZADD', P .. ':tried:' .. id, text(T + A.skip_ms), advisor)
  set(ck(id), 'advisor', '', 'ring_until', '')
  move(id, name, by, {advisor = advisor})
  local v = read(ck(id), 'language', 'score', 'host', 'starts')
  if v[3] == advisor then
    lift(id, v[4])
    v[2] = v[4]
    due('visit:' .. id, T + A.skip_ms)
  end
  call('ZADD', P .. ':q:' .. v[1], v[2], id)
end

local function drop_transfer(id, name, by)
  local to = get(ck(id), 'transfer_to')
  no_due('ring:' .. id)
  set(ck(id), 'transfer_to', '', 'ring_until', '')
  log(id, name, by, {advisor = to})
  touch_call(id)
end

local function count_miss(id, advisor)
  add(ck(id), 'missed', 1)
  call('ZADD', P .. ':missed:' .. advisor, text(T), text(T) .. id)
  call('ZREMRANGEBYSCORE', P .. ':missed:' .. advisor, '-inf', text(T - 172800000))
end

-- An advisor's ring ends without them: they passed it on, let it pass, or went.
local function ring_over(advisor, name, by, after)
  local id = get(ak(advisor), 'call')
  local transfer = get(ck(id), 'transfer_to') == advisor
  if name == 'miss' then count_miss(id, advisor) end
  if transfer then drop_transfer(id, 'transfer_' .. name, by) else ring_again(id, advisor, name, by) end
  after()
  if not transfer and get(ck(id), 'state') == 'waiting' then serve_call(id) end
end
