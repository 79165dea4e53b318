-- The atomic part of signalling: queues, rings, the life of calls, seats and their deadlines.
--
-- One run decides completely; whoever runs it may die right after, and nothing is half done.
-- `MOVES` (made from life.py) stands above this text and is the only judge of what may follow what.
-- It is a library with one function (Redis functions, from Redis 7 on): a script that is sent to
-- EVALSHA makes all of its functions anew at each run, which took a third of its time.
--
-- key          "vs:{<showroom>}": every key begins with it, so a showroom lives in one cluster slot
-- arguments    the operation, then its own arguments as JSON, with the showroom's times in it
-- answer       {"ok", …} or {"refused", <code>}
--
-- :call:<id> HASH   one call          :log:<id> LIST   what happened in it, JSON
-- :adv:<id>  HASH   one advisor       :tried:<id> ZSET advisor -> until when this call skips them
-- :q:<lang>  ZSET   call -> order     :idle:<lang> ZSET advisor -> idle since (stand-ins far behind)
-- :duty:<lang> SET  advisors not away :advisors SET, :calls SET (all that are not closed)
-- :due ZSET         deadlines         :unsaved SET     calls that SQL doesn't have in this version
-- :feed STREAM      hints for the nodes; the state itself is in the hashes

-- Of the present run: the keys' beginning, the arguments, the time of the rules and the server's.
-- (`redis.call` is there only during a run.)
local P, A, T, SERVER_TIME, call
local STAND_IN = 1e15 -- added to a stand-in's idle time: every human goes first

local function ck(id) return P .. ':call:' .. id end
local function ak(id) return P .. ':adv:' .. id end
local function number(x) return tonumber(x) or 0 end
local function text(n) return string.format('%.0f', n) end
local function due(member, at) call('ZADD', P .. ':due', text(at), member) end
local function no_due(member) call('ZREM', P .. ':due', member) end
local function each(list, visit) for word in string.gmatch(list or '', '[^,]+') do visit(word) end end

-- Hints are collected and written once at the end, each subject once.
local touched_calls, touched_advisors, order
local function touch_call(id)
  if not touched_calls[id] then touched_calls[id] = true; order[#order + 1] = {'call', id} end
end
local function touch_advisor(id)
  if not touched_advisors[id] then touched_advisors[id] = true; order[#order + 1] = {'advisor', id} end
end
local function feed(...) call('XADD', P .. ':feed', 'MINID', '~', text(SERVER_TIME - 60000), '*', ...) end
local function tell()
  for _, hint in ipairs(order) do
    if hint[1] == 'call' then
      call('HINCRBY', ck(hint[2]), 'version', 1)
      feed('k', 'call', 'c', hint[2], 'a', call('HGET', ck(hint[2]), 'advisor') or '')
    else
      feed('k', 'advisor', 'a', hint[2])
    end
  end
end

local function log(id, kind, by, data)
  call('RPUSH', P .. ':log:' .. id, cjson.encode({at = T, kind = kind, by = by, data = data}))
end

-- The only way a call changes its state.
local function move(id, name, by, data)
  local key = ck(id)
  local from = call('HGET', key, 'state')
  local to = from and MOVES[from .. ':' .. name]
  if not to then return false end
  if to ~= from then call('HSET', key, 'state', to, 'since', text(T)) end
  log(id, name, by, data)
  touch_call(id)
  if to == 'wrap_up' or to == 'closed' then call('SADD', P .. ':unsaved', id) end
  if to == 'closed' then call('SREM', P .. ':calls', id) end
  return true
end

-- ---------------------------------------------------------------- advisors

local function unidle(id)
  each(call('HGET', ak(id), 'languages'), function(l) call('ZREM', P .. ':idle:' .. l, id) end)
end

local function set_state(id, state, reason)
  call('HSET', ak(id), 'state', state, 'since', text(T), 'reason', reason or '')
  touch_advisor(id)
end

local function go_away(id, reason)
  unidle(id)
  each(call('HGET', ak(id), 'languages'), function(l) call('SREM', P .. ':duty:' .. l, id) end)
  call('HSET', ak(id), 'call', '', 'ring', '')
  set_state(id, 'away', reason)
end

-- Enter the lists of the idle. Whoever has no socket right now stays out until they are back.
local function list_idle(id)
  local v = call('HMGET', ak(id), 'languages', 'idle_since', 'stand_in', 'lost')
  if v[4] and v[4] ~= '' then return end
  local score = number(v[2]) + (v[3] == '1' and STAND_IN or 0)
  each(v[1], function(l) call('ZADD', P .. ':idle:' .. l, text(score), id) end)
end

-- ---------------------------------------------------------------- rings

local function ring(id, advisor, transfer)
  local n = text(call('INCR', P .. ':rings'))
  unidle(advisor)
  call('HSET', ak(advisor), 'call', id, 'ring', n)
  set_state(advisor, 'ringing')
  call('HSET', ck(id), 'ring', n, 'ring_until', text(T + A.ring_ms))
  call('HINCRBY', ck(id), 'rings', 1)
  due('ring:' .. id, T + A.ring_ms)
  if transfer then
    call('HSET', ck(id), 'transfer_to', advisor)
    return
  end
  call('ZREM', P .. ':q:' .. call('HGET', ck(id), 'language'), id)
  call('HSET', ck(id), 'advisor', advisor, 'linked', '')
  call('HINCRBY', ck(id), 'link', 1)
  move(id, 'ring', 'system', {advisor = advisor})
end

local function skips(id, advisor)
  return number(call('ZSCORE', P .. ':tried:' .. id, advisor)) > T
end

-- Ring the advisor who is idle longest and whom this call doesn't skip.
local function serve_call(id)
  local language, from = call('HGET', ck(id), 'language'), 0
  while true do
    local idle = call('ZRANGE', P .. ':idle:' .. language, from, from + 31)
    for _, advisor in ipairs(idle) do
      if not skips(id, advisor) then ring(id, advisor); return true end
    end
    if #idle < 32 then return false end
    from = from + 32
  end
end

-- Give a free advisor the call that goes first over all their languages.
local function serve_advisor(id)
  local best, best_score
  each(call('HGET', ak(id), 'languages'), function(language)
    if not call('ZSCORE', P .. ':idle:' .. language, id) then return end
    local waiting = call('ZRANGE', P .. ':q:' .. language, 0, 31, 'WITHSCORES')
    for i = 1, #waiting, 2 do
      local score = number(waiting[i + 1])
      if best and score >= best_score then break end
      if not skips(waiting[i], id) then best, best_score = waiting[i], score; break end
    end
  end)
  if best then ring(best, id) end
end

local function free(id, idle_since)
  call('HSET', ak(id), 'call', '', 'ring', '', 'idle_since', text(idle_since))
  set_state(id, 'available')
  list_idle(id)
  serve_advisor(id)
end

-- The ring is over without an accept: back into the queue at the old place, and on to the next.
local function ring_again(id, advisor, name, by)
  no_due('ring:' .. id)
  call('ZADD', P .. ':tried:' .. id, text(T + A.skip_ms), advisor)
  call('HSET', ck(id), 'advisor', '', 'ring_until', '')
  move(id, name, by, {advisor = advisor})
  local v = call('HMGET', ck(id), 'language', 'score')
  call('ZADD', P .. ':q:' .. v[1], v[2], id)
end

local function drop_transfer(id, name, by)
  local to = call('HGET', ck(id), 'transfer_to')
  no_due('ring:' .. id)
  call('HSET', ck(id), 'transfer_to', '', 'ring_until', '')
  log(id, name, by, {advisor = to})
  touch_call(id)
end

local function count_miss(id, advisor)
  call('HINCRBY', ck(id), 'missed', 1)
  call('ZADD', P .. ':missed:' .. advisor, text(T), text(T) .. id)
  call('ZREMRANGEBYSCORE', P .. ':missed:' .. advisor, '-inf', text(T - 172800000))
end

-- An advisor's ring ends without them: they passed it on, let it pass, or went.
local function ring_over(advisor, name, by, after)
  local id = call('HGET', ak(advisor), 'call')
  local transfer = call('HGET', ck(id), 'transfer_to') == advisor
  if name == 'miss' then count_miss(id, advisor) end
  if transfer then drop_transfer(id, 'transfer_' .. name, by) else ring_again(id, advisor, name, by) end
  after()
  if not transfer and call('HGET', ck(id), 'state') == 'waiting' then serve_call(id) end
end

-- ---------------------------------------------------------------- ends

local function forget_deadlines(id)
  no_due('ring:' .. id); no_due('connect:' .. id); no_due('customer:' .. id)
end

local function leave(id, reason, by)
  local v = call('HMGET', ck(id), 'state', 'language', 'advisor')
  if not move(id, 'leave', by, {reason = reason}) then return false end
  forget_deadlines(id)
  call('ZREM', P .. ':q:' .. v[2], id)
  call('DEL', P .. ':tried:' .. id)
  call('HSET', ck(id), 'ended', text(T), 'end_reason', reason, 'ring_until', '')
  if v[1] == 'ringing' then -- they did nothing wrong: their place in the idle list stays
    free(v[3], number(call('HGET', ak(v[3]), 'idle_since')))
  end
  return true
end

local function finish(id, reason, by)
  local v = call('HMGET', ck(id), 'advisor', 'transfer_to')
  if not move(id, 'end', by, {reason = reason}) then return false end
  forget_deadlines(id)
  if v[2] and v[2] ~= '' then
    call('HSET', ck(id), 'transfer_to', '')
    free(v[2], number(call('HGET', ak(v[2]), 'idle_since')))
  end
  call('HSET', ck(id), 'ended', text(T), 'end_reason', reason, 'held', '', 'ring_until', '')
  set_state(v[1], 'wrap_up')
  due('wrap_up:' .. id, T + A.wrap_up_ms)
  return true
end

-- The mean of what a call costs an advisor, from accept to close: the expected wait comes from it.
local function learn_cycle(id)
  local accepted = number(call('HGET', ck(id), 'accepted'))
  if accepted == 0 then return end
  local mean = number(call('HGET', P .. ':cycle', 'mean'))
  local cost = T - accepted
  call('HSET', P .. ':cycle', 'mean', text(mean == 0 and cost or mean * 0.9 + cost * 0.1))
end

local function close(id, by)
  if not move(id, 'close', by) then return false end
  no_due('wrap_up:' .. id)
  learn_cycle(id)
  call('HSET', ck(id), 'closed', text(T))
  return true
end

-- ---------------------------------------------------------------- seats

local RUNS = {ringing = true, connecting = true, live = true}

local function relink(id)
  if not RUNS[call('HGET', ck(id), 'state')] then return end
  call('HINCRBY', ck(id), 'link', 1)
  call('HSET', ck(id), 'linked', '')
  touch_call(id)
end

local function grace(kind, id)
  if kind == 'advisor' then return A.advisor_grace_ms end
  local state = call('HGET', ck(id), 'state')
  return (state == 'waiting' or state == 'ringing') and A.queue_grace_ms or A.call_grace_ms
end

local function seat_key(kind, id) return kind == 'advisor' and ak(id) or ck(id) end

local ops = {}

-- {kind, id, sid, page}: a page's socket takes its seat; an older socket is told to go.
function ops.take_seat()
  local key = seat_key(A.kind, A.id)
  if call('EXISTS', key) == 0 then return {'refused', 'not_found'} end
  local v = call('HMGET', key, 'sid', 'page', 'state', 'call', 'lost')
  call('HSET', key, 'sid', A.sid, 'page', A.page, 'lost', '')
  if v[1] and v[1] ~= '' and v[1] ~= A.sid then feed('k', 'replaced', 's', v[1]) end
  local id = A.kind == 'advisor' and (v[4] or '') or A.id
  local new_page = v[2] and v[2] ~= '' and v[2] ~= A.page
  if id ~= '' then
    -- A transfer's target has no link yet; everybody else's new page needs a new one.
    local linked = A.kind == 'customer' or call('HGET', ck(id), 'advisor') == A.id
    if new_page and linked then relink(id) end
    touch_call(id)
  end
  if A.kind == 'advisor' then
    touch_advisor(A.id)
    if v[3] == 'available' and v[5] and v[5] ~= '' then list_idle(A.id); serve_advisor(A.id) end
    if v[3] ~= 'away' then due('advisor:' .. A.id, T + grace('advisor', A.id) + A.lease_ms) end
  elseif v[3] ~= 'wrap_up' and v[3] ~= 'closed' then
    due('customer:' .. A.id, T + grace('customer', A.id) + A.lease_ms)
  end
  return {'ok'}
end

-- {kind, id, sid}: the socket is gone. From now on the grace runs.
function ops.leave_seat()
  local key = seat_key(A.kind, A.id)
  local v = call('HMGET', key, 'sid', 'state', 'call')
  if v[1] ~= A.sid then return {'ok'} end
  call('HSET', key, 'sid', '', 'lost', text(T))
  if A.kind == 'advisor' then
    if v[2] == 'away' then return {'ok'} end
    unidle(A.id)
    touch_advisor(A.id)
    if v[3] and v[3] ~= '' then touch_call(v[3]) end
  else
    if v[2] == 'wrap_up' or v[2] == 'closed' then return {'ok'} end
    touch_call(A.id)
  end
  due(A.kind .. ':' .. A.id, T + grace(A.kind, A.id))
  return {'ok'}
end

-- {seats = {{kind, id, sid}, …}}: a node says which of its seats still have a socket. Seats of a
-- node that died are not renewed, so their deadline comes by itself.
function ops.renew_seats()
  local unknown = {'ok'}
  for _, seat in ipairs(A.seats) do
    local v = call('HMGET', seat_key(seat[1], seat[2]), 'sid', 'state')
    if v[1] == seat[3] then
      if v[2] ~= 'away' and v[2] ~= 'wrap_up' and v[2] ~= 'closed' then
        due(seat[1] .. ':' .. seat[2], T + grace(seat[1], seat[2]) + A.lease_ms)
      end
    else
      unknown[#unknown + 1] = seat[3]
    end
  end
  return unknown
end

-- ---------------------------------------------------------------- the customer's side

-- {id, fields, language, first}: a new call enters the queue; `first`: it goes before the others.
function ops.request()
  local key = ck(A.id)
  if call('EXISTS', key) == 1 then return {'refused', 'conflict'} end
  local score = (A.first and 0 or 1e13) + T
  for name, value in pairs(A.fields) do call('HSET', key, name, value) end
  call('HSET', key, 'state', 'waiting', 'since', text(T), 'created', text(T), 'score', text(score),
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

-- ---------------------------------------------------------------- the advisor's side

-- {advisor, name, languages, stand_in}: the page tells who works here; nothing rings yet.
function ops.sign_on()
  local key = ak(A.advisor)
  call('SADD', P .. ':advisors', A.advisor)
  call('HSET', key, 'name', A.name, 'stand_in', A.stand_in and '1' or '')
  if call('HSETNX', key, 'state', 'away') == 1 then
    call('HSET', key, 'since', text(T), 'reason', '', 'languages', A.languages)
  elseif call('HGET', key, 'state') == 'away' then
    call('HSET', key, 'languages', A.languages)
  end
  return {'ok'}
end

function ops.go_available() -- {advisor}
  local v = call('HMGET', ak(A.advisor), 'state', 'languages')
  if v[1] == 'available' then return {'ok'} end
  if v[1] ~= 'away' then return {'refused', 'illegal_move'} end
  each(v[2], function(l) call('SADD', P .. ':duty:' .. l, A.advisor) end)
  due('advisor:' .. A.advisor, T + A.advisor_grace_ms + A.lease_ms)
  free(A.advisor, T)
  return {'ok'}
end

function ops.go_away() -- {advisor, reason}
  local state = call('HGET', ak(A.advisor), 'state')
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
  local v = call('HMGET', ak(A.advisor), 'state', 'call')
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
  local v = call('HMGET', ak(advisor), 'state', 'call', 'ring')
  return v[1] == 'ringing' and v[2] == id and v[3] == text(n)
end

local function a_human_is_idle(id)
  local language = call('HGET', ck(id), 'language')
  for _, advisor in ipairs(call('ZRANGEBYSCORE', P .. ':idle:' .. language, '-inf', '(' .. text(STAND_IN))) do
    if not skips(id, advisor) then return true end
  end
  return false
end

local function busy(advisor)
  call('HSET', ak(advisor), 'ring', '')
  set_state(advisor, 'busy')
end

-- {advisor, id, ring}
function ops.accept()
  if not rings_here(A.advisor, A.id, A.ring) then return {'refused', 'illegal_move'} end
  local v = call('HMGET', ck(A.id), 'transfer_to', 'advisor', 'linked', 'link', 'accepted')
  if v[1] == A.advisor then
    if not move(A.id, 'hand_over', 'advisor', {from = v[2], to = A.advisor}) then return {'refused', 'illegal_move'} end
    call('HSET', ck(A.id), 'transfer_to', '', 'transferred_from', v[2], 'advisor', A.advisor,
      'ring_until', '', 'linked', '', 'held', '', 'a_media', '', 'a_quality', '')
    call('HINCRBY', ck(A.id), 'link', 1)
    busy(A.advisor)
    free(v[2], T)
  else
    if call('HGET', ak(A.advisor), 'stand_in') == '1' and a_human_is_idle(A.id) then
      ring_over(A.advisor, 'decline', 'system', function() free(A.advisor, T) end)
      return {'refused', 'human_available'}
    end
    if not move(A.id, 'accept', 'advisor', {advisor = A.advisor}) then return {'refused', 'illegal_move'} end
    call('HSET', ck(A.id), 'ring_until', '', 'accepted', text(T), 'transferred_from', '')
    call('DEL', P .. ':tried:' .. A.id)
    busy(A.advisor)
  end
  no_due('ring:' .. A.id)
  due('connect:' .. A.id, T + A.connect_ms)
  if v[1] ~= A.advisor and v[3] == v[4] and v[3] ~= '' then -- connected while it rang
    no_due('connect:' .. A.id)
    move(A.id, 'connect', 'system')
    call('HSET', ck(A.id), 'live', text(T))
  end
  return {'ok'}
end

function ops.decline() -- {advisor, id, ring}
  if not rings_here(A.advisor, A.id, A.ring) then return {'refused', 'illegal_move'} end
  ring_over(A.advisor, 'decline', 'advisor', function() free(A.advisor, T) end)
  return {'ok'}
end

local function is_theirs(id, advisor)
  return call('HGET', ck(id), 'advisor') == advisor
end

function ops.hold() -- {advisor, id, held}
  if not is_theirs(A.id, A.advisor) then return {'refused', 'illegal_move'} end
  local held = call('HGET', ck(A.id), 'held') == '1'
  if held == A.held then return {'ok'} end
  if not move(A.id, A.held and 'hold' or 'resume', 'advisor') then return {'refused', 'illegal_move'} end
  call('HSET', ck(A.id), 'held', A.held and '1' or '')
  return {'ok'}
end

function ops.transfer() -- {advisor, id, to}
  local v = call('HMGET', ck(A.id), 'advisor', 'transfer_to', 'state')
  if v[1] ~= A.advisor or v[3] ~= 'live' or (v[2] and v[2] ~= '') then return {'refused', 'illegal_move'} end
  local w = call('HMGET', ak(A.to), 'state', 'lost')
  if w[1] ~= 'available' or (w[2] and w[2] ~= '') then return {'refused', 'advisor_not_free'} end
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
  local v = call('HMGET', ck(A.id), 'advisor', 'state', 'outcome')
  if v[1] ~= A.advisor then return {'refused', 'not_found'} end
  if v[2] == 'closed' and v[3] == A.outcome then return {'ok'} end
  if v[2] ~= 'wrap_up' then return {'refused', 'illegal_move'} end
  call('HSET', ck(A.id), 'outcome', A.outcome, 'outcome_reason', A.reason, 'notes', A.notes)
  close(A.id, 'advisor')
  if call('HGET', ak(A.advisor), 'call') == A.id then free(A.advisor, T) end
  return {'ok'}
end

-- ---------------------------------------------------------------- both sides

local TALKS = {connecting = true, live = true}

-- {side, advisor?, id, link}: this side's connection is up.
function ops.connected()
  local v = call('HMGET', ck(A.id), 'state', 'link', 'advisor')
  if A.side == 'advisor' and v[3] ~= A.advisor then return {'refused', 'illegal_move'} end
  if not RUNS[v[1]] then return {'refused', 'illegal_move'} end
  if v[2] ~= text(A.link) then return {'ok'} end
  call('HSET', ck(A.id), 'linked', v[2])
  if v[1] == 'connecting' then
    no_due('connect:' .. A.id)
    move(A.id, 'connect', A.side)
    call('HSETNX', ck(A.id), 'live', text(T))
  end
  return {'ok'}
end

function ops.relink() -- {side, advisor?, id, link}
  local v = call('HMGET', ck(A.id), 'state', 'link', 'advisor')
  if A.side == 'advisor' and v[3] ~= A.advisor then return {'refused', 'illegal_move'} end
  if not RUNS[v[1]] then return {'refused', 'illegal_move'} end
  if v[2] == text(A.link) then relink(A.id); log(A.id, 'relink', A.side) end
  return {'ok'}
end

-- {side, advisor?, id, link?, event, data}: hand something on to the other side, or to both.
-- With a link: only while the call runs on it. Without: only in a call that was accepted.
function ops.pass()
  local v = call('HMGET', ck(A.id), 'state', 'link', 'advisor')
  if A.side == 'advisor' and v[3] ~= A.advisor then return {'refused', 'illegal_move'} end
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
  local v = call('HMGET', ck(A.id), 'state', 'advisor')
  if A.side == 'advisor' and v[2] ~= A.advisor then return {'refused', 'illegal_move'} end
  if not TALKS[v[1]] then return {'refused', 'illegal_move'} end
  if call('SADD', P .. ':said:' .. A.id, A.side .. A.key) == 0 then return {'ok'} end
  local list = P .. ':log:' .. A.id
  if call('LLEN', list) >= A.log_limit then return {'refused', 'too_many'} end
  local entry = cjson.encode({at = T, kind = A.kind, by = A.side, data = A.data})
  local seq = call('RPUSH', list, entry) - 1
  feed('k', 'said', 'c', A.id, 'a', v[2], 'n', text(seq), 'd', entry)
  return {'ok'}
end

-- {id, fields, states, advisor?, quiet?}: set plain fields while the call is in one of the states.
function ops.note()
  local v = call('HMGET', ck(A.id), 'state', 'advisor', 'accepted')
  if not v[1] then return {'refused', 'not_found'} end
  if A.advisor and v[2] ~= A.advisor then return {'refused', 'illegal_move'} end
  if A.accepted and not v[3] then return {'refused', 'illegal_move'} end
  local allowed = false
  for _, state in ipairs(A.states) do allowed = allowed or state == v[1] end
  if not allowed then return {'refused', 'illegal_move'} end
  local changed = false
  for name, value in pairs(A.fields) do
    if call('HGET', ck(A.id), name) ~= value then
      call('HSET', ck(A.id), name, value)
      changed = true
    end
  end
  if not changed then return {'ok'} end
  if A.quiet then call('HINCRBY', ck(A.id), 'version', 1) else touch_call(A.id) end
  if v[1] == 'wrap_up' or v[1] == 'closed' then call('SADD', P .. ':unsaved', A.id) end
  return {'ok'}
end

-- {id, version, keep_s}: SQL has this version. A closed call may now fade from memory.
function ops.saved()
  local v = call('HMGET', ck(A.id), 'version', 'state')
  if v[1] ~= text(A.version) then return {'ok'} end
  call('SREM', P .. ':unsaved', A.id)
  if v[2] == 'closed' then
    for _, key in ipairs({ck(A.id), P .. ':log:' .. A.id, P .. ':said:' .. A.id, P .. ':tried:' .. A.id}) do
      call('EXPIRE', key, A.keep_s)
    end
  end
  return {'ok'}
end

-- ---------------------------------------------------------------- deadlines

local overdue = {}

function overdue.ring(id)
  local v = call('HMGET', ck(id), 'state', 'advisor', 'transfer_to')
  local advisor = v[1] == 'ringing' and v[2] or v[3]
  if not advisor or advisor == '' then return end
  ring_over(advisor, 'miss', 'system', function() go_away(advisor, 'missed_ring') end)
end

function overdue.customer(id)
  local _ = leave(id, 'customer_lost', 'system') or finish(id, 'customer_gone', 'system')
end

function overdue.advisor(id)
  local v = call('HMGET', ak(id), 'state', 'call')
  -- A node that died said nothing: the socket it named is gone too.
  call('HSET', ak(id), 'sid', '', 'lost', text(T))
  if v[1] == 'available' then go_away(id, 'connection_lost')
  elseif v[1] == 'ringing' then
    ring_over(id, 'miss', 'system', function() go_away(id, 'connection_lost') end)
  elseif v[1] == 'busy' then finish(v[2], 'advisor_gone', 'system')
  end
end

function overdue.connect(id) finish(id, 'connect_failed', 'system') end

function overdue.wrap_up(id)
  local advisor = call('HGET', ck(id), 'advisor')
  if not close(id, 'system') then return end
  if call('HGET', ak(advisor), 'call') == id then go_away(advisor, 'wrap_up_expired') end
end

-- {languages, most}: carry out what is due, then see that nobody waits beside an idle advisor
-- (a call skips whoever declined it for a while, and nothing else would wake it when that is over).
function ops.sweep()
  local late = call('ZRANGEBYSCORE', P .. ':due', '-inf', text(T), 'LIMIT', 0, A.most)
  for _, member in ipairs(late) do
    call('ZREM', P .. ':due', member)
    local kind, id = string.match(member, '^(%a[%a_]*):(.+)$')
    if overdue[kind] then overdue[kind](id) end
  end
  for _, language in ipairs(A.languages) do
    if call('EXISTS', P .. ':idle:' .. language) == 1 then
      for _, id in ipairs(call('ZRANGE', P .. ':q:' .. language, 0, 7)) do serve_call(id) end
    end
  end
  return {'ok', tostring(#late)}
end

-- What stands above is compiled and run once, when the library is loaded; this runs each time.
redis.register_function(NAME, function(keys, arguments)
  call, P, A = redis.call, keys[1], cjson.decode(arguments[2])
  local clock = call('TIME')
  SERVER_TIME = clock[1] * 1000 + math.floor(clock[2] / 1000)
  -- Tests bring their own time. The feed's entries are numbered by the server's in any case.
  T = A.now ~= 0 and A.now or SERVER_TIME
  touched_calls, touched_advisors, order = {}, {}, {}
  local answer = ops[arguments[1]]()
  tell()
  return answer
end)
