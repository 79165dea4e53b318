-- The atomic part of signalling: queues, rings, the life of calls, seats and their deadlines.
--
-- One run decides completely; whoever runs it may die right after, and nothing is half done.
-- The files of this folder are one library, put together by pairing.py: records, recording, rings,
-- ends, seats, visits, desk, orders, paths, people, consents, talk, photos, deadlines. `MOVES` (made from
-- life.py) stands above them and is the only judge of what may follow what.
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
-- :said:<id> SET    keys of its lines :missed:<adv> ZSET what rang unanswered -> when, two days of it
-- :kept SET         advisors kept free   :keeps:<adv> ZSET visit -> until when they are
-- :duty:<lang> SET  advisors not away :advisors SET, :calls SET (all that are not closed)
-- :due ZSET         deadlines         :unsaved SET     calls that SQL doesn't have in this version
-- :rings STRING     number of the last ring           :cycle HASH   `mean`: what a call costs (ms)
-- :people:<id> HASH who else is in a call :relayed SET calls that need a relay, or have one
-- :stints ZSET      what advisors did, JSON -> until when: what SQL doesn't have yet
-- :floor HASH     what managers ordered (orders.lua)
-- :photos:<id> SET  photos that came     :ink:<photo> HASH  what was drawn on one (photos.lua)
-- :feed STREAM      hints for the nodes; the state itself is in the hashes

-- Of the present run: the keys' beginning, the arguments, the time of the rules and the server's.
-- (`redis.call` is there only during a run.)
local P, A, T, SERVER_TIME, call
local drop_person -- in people.lua, for those that stand above it
local STAND_IN = 1e15 -- added to a stand-in's idle time: every human goes first
local KEPT = 1e14 -- taken from the place of a call that is kept for one advisor: it falls below zero

local function ck(id) return P .. ':call:' .. id end
local function ak(id) return P .. ':adv:' .. id end
local function number(x) return tonumber(x) or 0 end
local function text(n) return string.format('%d', n) end
local function due(member, at) call('ZADD', P .. ':due', text(at), member) end
local function no_due(...) call('ZREM', P .. ':due', ...) end
local function each(list, visit) for word in string.gmatch(list or '', '[^,]+') do visit(word) end end

-- Hashes. Numbers are written in full, whatever their size.
local function get(key, field) return call('HGET', key, field) end
local function read(key, ...) return call('HMGET', key, ...) end
local function set(key, ...)
  local given = {...}
  for i = 2, #given, 2 do
    if type(given[i]) == 'number' then given[i] = text(given[i]) end
  end
  call('HSET', key, unpack(given))
end
local function add(key, field, n) call('HINCRBY', key, field, n) end

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
      add(ck(hint[2]), 'version', 1)
      feed('k', 'call', 'c', hint[2], 'a', get(ck(hint[2]), 'advisor') or '')
    else
      feed('k', 'advisor', 'a', hint[2])
    end
  end
end

local function log(id, kind, by, data)
  call('RPUSH', P .. ':log:' .. id, cjson.encode({at = T, kind = kind, by = by, data = data}))
end
-- What pages may cause again and again is kept only as long as there is room.
local function log_if_room(id, kind, by, data)
  if call('LLEN', P .. ':log:' .. id) < A.log_limit then log(id, kind, by, data) end
end

-- The only way a call changes its state.
local function move(id, name, by, data)
  local key = ck(id)
  local from = get(key, 'state')
  local to = from and MOVES[from .. ':' .. name]
  if not to then return false end
  if to ~= from then set(key, 'state', to, 'since', T) end
  log(id, name, by, data)
  touch_call(id)
  if to == 'wrap_up' or to == 'closed' then call('SADD', P .. ':unsaved', id) end
  if to == 'closed' then call('SREM', P .. ':calls', id) end
  return true
end
