-- Photos of a call: one wish or one photo on its way at a time, and what both draw on those that came.
--
-- In the call's hash: `photo`, `photo_state` (asked, taking) and `photo_since`, while there is one on
-- its way; `c_open` and `a_open`, which one each side has before it.
-- :photos:<call> SET     those that came     :ink:<photo> HASH     <side>:<stroke> -> {n, p}, and `n`
-- `n` counts the strokes, so that the last one can be told; `p` are its points.

local OVER = {wrap_up = true, closed = true}
-- Longer than any call lasts. The record has photos and drawings by then.
local PHOTOS_KEPT_S = 86400

local function photos_of(id) return P .. ':photos:' .. id end
local function ink_of(photo) return P .. ':ink:' .. photo end

local function no_photo(id)
  set(ck(id), 'photo', '', 'photo_state', '', 'photo_since', '')
  touch_call(id)
end

local function photo_is(id, photo, state)
  set(ck(id), 'photo', photo, 'photo_state', state, 'photo_since', T)
  touch_call(id)
end

-- {side, advisor?, id, photo?}: nil when the sender may do it now, with this photo if one is named.
local function refuses()
  local v = read(ck(A.id), 'state', 'advisor')
  if A.side == 'advisor' and v[2] ~= A.advisor then return {'refused', 'illegal_move'} end
  if not TALKS[v[1]] then return {'refused', 'illegal_move'} end
  if A.photo and call('SISMEMBER', photos_of(A.id), A.photo) == 0 then return {'refused', 'not_found'} end
end

-- {side, id, new, most}: the customer would like one. Asking again changes nothing.
function ops.ask_photo()
  local no = refuses()
  if no then return no end
  if (get(ck(A.id), 'photo') or '') ~= '' then return {'ok'} end
  if call('SCARD', photos_of(A.id)) >= A.most then return {'refused', 'too_many'} end
  photo_is(A.id, A.new, 'asked')
  return {'ok'}
end

-- {side, advisor, id, new, most}: the advisor takes one, asked or not; answers with its id. Begun
-- again, by a page that was loaded anew, it is the same photo.
function ops.take_photo()
  local no = refuses()
  if no then return no end
  local photo = get(ck(A.id), 'photo') or ''
  if photo == '' then
    if call('SCARD', photos_of(A.id)) >= A.most then return {'refused', 'too_many'} end
    photo = A.new
  end
  photo_is(A.id, photo, 'taking')
  return {'ok', photo}
end

-- {side, advisor?, id}: no photo after all. A customer takes back a wish, not what is on its way.
function ops.cancel_photo()
  local v = read(ck(A.id), 'photo', 'photo_state', 'advisor')
  if (v[1] or '') == '' then return {'ok'} end
  if A.side == 'customer' and v[2] ~= 'asked' then return {'refused', 'illegal_move'} end
  if A.side == 'advisor' and v[3] ~= A.advisor then return {'refused', 'illegal_move'} end
  no_photo(A.id)
  return {'ok'}
end

-- {advisor, id, photo, data}: it has come. One that was on its way when the call ended counts too.
function ops.photo_kept()
  local v = read(ck(A.id), 'state', 'advisor', 'photo')
  if call('SISMEMBER', photos_of(A.id), A.photo) == 1 then return {'ok'} end
  if v[2] ~= A.advisor or v[3] ~= A.photo then return {'refused', 'illegal_move'} end
  if not TALKS[v[1]] and not OVER[v[1]] then return {'refused', 'illegal_move'} end
  call('SADD', photos_of(A.id), A.photo)
  call('EXPIRE', photos_of(A.id), PHOTOS_KEPT_S)
  local entry = cjson.encode({at = T, kind = 'photo', by = 'advisor', data = A.data})
  local seq = call('RPUSH', P .. ':log:' .. A.id, entry) - 1
  feed('k', 'said', 'c', A.id, 'a', v[2], 'n', text(seq), 'd', entry)
  no_photo(A.id)
  if OVER[v[1]] then call('SADD', P .. ':unsaved', A.id) end
  return {'ok'}
end

-- {side, advisor?, id, photo?}: which one this side has before it, or none. After the call anybody
-- of it may look, and the other side need not know.
function ops.look_at_photo()
  local v = read(ck(A.id), 'state', 'advisor')
  if A.photo and call('SISMEMBER', photos_of(A.id), A.photo) == 0 then return {'refused', 'not_found'} end
  if A.side == 'advisor' and v[2] ~= A.advisor then return {'refused', 'illegal_move'} end
  if not TALKS[v[1]] then return {'ok'} end
  local field = A.side == 'customer' and 'c_open' or 'a_open'
  if (get(ck(A.id), field) or '') == (A.photo or '') then return {'ok'} end
  set(ck(A.id), field, A.photo or '')
  touch_call(A.id)
  return {'ok'}
end

-- {side, advisor?, id, photo, stroke, start, points, most_strokes, most_points, event, data}: add to
-- a stroke of this side what begins at its point `start`. What it has already changes nothing.
function ops.draw()
  local no = refuses()
  if no then return no end
  local ink, field = ink_of(A.photo), A.side .. ':' .. A.stroke
  local known = get(ink, field)
  local line = known and cjson.decode(known) or {p = {}}
  local has = #line.p / 2
  if A.start > has then return {'refused', 'conflict'} end
  if A.start + #A.points / 2 > A.most_points then return {'refused', 'too_many'} end
  if not known then
    if call('HLEN', ink) > A.most_strokes then return {'refused', 'too_many'} end
    line.n = call('HINCRBY', ink, 'n', 1)
  end
  for i = 2 * (has - A.start) + 1, #A.points do line.p[#line.p + 1] = A.points[i] end
  set(ink, field, cjson.encode(line))
  call('EXPIRE', ink, PHOTOS_KEPT_S)
  feed('k', 'wire', 'c', A.id, 'a', get(ck(A.id), 'advisor') or '', 'to', 'both', 'e', A.event, 'd', A.data)
  return {'ok'}
end

-- {side, advisor?, id, photo, stroke?, event, data}: take back a stroke of this side, or all strokes.
function ops.undraw()
  local no = refuses()
  if no then return no end
  if A.stroke then
    call('HDEL', ink_of(A.photo), A.side .. ':' .. A.stroke)
  else
    call('DEL', ink_of(A.photo))
  end
  feed('k', 'wire', 'c', A.id, 'a', get(ck(A.id), 'advisor') or '', 'to', 'both', 'e', A.event, 'd', A.data)
  return {'ok'}
end
