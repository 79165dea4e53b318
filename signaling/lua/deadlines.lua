-- What happens when nobody does anything; and the library's only function.

local overdue = {}

function overdue.ring(id)
  local v = read(ck(id), 'state', 'advisor', 'transfer_to')
  local advisor = v[1] == 'ringing' and v[2] or v[3]
  if not advisor or advisor == '' then return end
  ring_over(advisor, 'miss', 'system', function() go_away(advisor, 'missed_ring') end)
end

function overdue.customer(id)
  local _ = leave(id, 'customer_lost', 'system') or finish(id, 'customer_gone', 'system')
end

function overdue.advisor(id)
  local v = read(ak(id), 'state', 'call')
  -- A node that died said nothing: the socket it named is gone too.
  set(ak(id), 'sid', '', 'lost', T)
  if v[1] == 'available' then go_away(id, 'connection_lost')
  elseif v[1] == 'ringing' then
    ring_over(id, 'miss', 'system', function() go_away(id, 'connection_lost') end)
  elseif v[1] == 'busy' then finish(v[2], 'advisor_gone', 'system')
  end
end

function overdue.connect(id) finish(id, 'connect_failed', 'system') end

function overdue.wrap_up(id)
  local advisor = get(ck(id), 'advisor')
  if not close(id, 'system') then return end
  if get(ak(advisor), 'call') == id then go_away(advisor, 'wrap_up_expired') end
end

-- A visit begins to be late, or its host may be asked once more.
function overdue.visit(id)
  local v = read(ck(id), 'state', 'language', 'kept', 'starts')
  if v[1] ~= 'waiting' and v[1] ~= 'ringing' then return end
  if v[3] == '1' then
    lift(id, v[4])
    touch_call(id)
    if v[1] == 'waiting' then call('ZADD', P .. ':q:' .. v[2], v[4], id) end
  end
  if v[1] == 'waiting' then serve_call(id) end
end

function overdue.kept_free(id) settle_keeps(id) end

-- Whoever was in a call beside its sides has not come back.
function overdue.person(ids)
  local id, who = string.match(ids, '^([^:]+):(.+)$')
  if id then drop_person(id, who, 'system', 'gone') end
end

-- What ends a call, or somebody's work, because they are not heard of.
local PATIENT = {customer = true, advisor = true, connect = true, person = true}

-- When somebody must look again, in milliseconds: at once while anybody waits or more is due than was
-- done; else at the next deadline; a long time hence if there is none.
local function next_look()
  for _, language in ipairs(A.languages) do
    if call('EXISTS', P .. ':q:' .. language) == 1 then return 0 end
  end
  local first = call('ZRANGE', P .. ':due', 0, 0, 'WITHSCORES')
  return first[2] and math.max(0, number(first[2]) - T) or 3600000
end

-- The showroom is closed and nobody is there who could answer: whoever waits is told so. Whoever
-- booked a visit hears from the rules of punctuality.
local function send_home(language)
  if call('EXISTS', P .. ':duty:' .. language) == 1 then return end
  for _, id in ipairs(call('ZRANGE', P .. ':q:' .. language, 0, A.most - 1)) do
    if not get(ck(id), 'visit') then leave(id, 'showroom_closed', 'system') end
  end
end

-- {languages, most, closed, spare?}: carry out what is due, then see that nobody waits beside an idle advisor
-- (a call skips whoever declined it for a while, and nothing else would wake it when that is over).
-- With `spare` nobody is given up who may be coming back.
function ops.sweep()
  local late = call('ZRANGEBYSCORE', P .. ':due', '-inf', text(T), 'LIMIT', 0, A.most)
  for _, member in ipairs(late) do
    local kind, id = string.match(member, '^(%a[%a_]*):(.+)$')
    -- What came before it in this sweep may have put it off, or made it void.
    local at = call('ZSCORE', P .. ':due', member)
    if at and number(at) <= T and not (A.spare and PATIENT[kind]) then
      call('ZREM', P .. ':due', member)
      if overdue[kind] then overdue[kind](id) end
    end
  end
  for _, language in ipairs(A.languages) do
    if A.closed then send_home(language) end
    if call('EXISTS', P .. ':idle:' .. language) == 1 then
      local open = call('ZRANGEBYSCORE', P .. ':q:' .. language, 0, '+inf', 'LIMIT', 0, 8)
      for _, id in ipairs(open) do serve_call(id) end
    end
  end
  return {'ok', tostring(#late), text(next_look())}
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

-- What all who are at work did until the last full quarter of an hour goes into the record.
function ops.note_stints()
  for _, id in ipairs(call('SMEMBERS', P .. ':advisors')) do
    if get(ak(id), 'state') ~= 'away' then note_stint(id, T - T % QUARTER) end
  end
  return {'ok'}
end

-- {stints}: SQL has them.
function ops.stints_kept()
  if #A.stints > 0 then call('ZREM', P .. ':stints', unpack(A.stints)) end
  return {'ok'}
end
