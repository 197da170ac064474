import { createHash } from "node:crypto";
import { exactUpTo } from "../../decision/sliding_window.ts";

/**
 * The algorithms of `decision/` once more, in the language of Redis, so that looking and counting are
 * one step there. One call counts any number of hits, each on a key of its own.
 *
 * Arguments: the time in milliseconds (empty: that of Redis, which all replicas share), then for each
 * key the algorithm's letter, the window, the limit, the burst and the hits. It answers six numbers for
 * each key: whether it is over (-1: something else is kept there), before, after, remaining, resetMs,
 * shutMs. What is kept is packed by cmsgpack, which keeps all digits of a number.
 */
export const lua = `
local now = tonumber(ARGV[1])
-- Keys end by the clock of Redis, which goes on while a given time stands still.
local slack = now and 60000 or 0
if not now then
  local time = redis.call('TIME')
  now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
end

local function keep(key, expiresAt, value)
  local ttl = math.ceil(expiresAt - now)
  if ttl > 0 then redis.call('SET', key, value, 'PX', string.format('%.0f', ttl + slack))
  else redis.call('DEL', key) end
end

-- The two numbers kept at a key; what else may stand there is nothing of ours.
local function pairAt(key)
  local held = redis.call('GET', key)
  if not held then return end
  local level, at, more = cmsgpack.unpack(held)
  assert(type(level) == 'number' and type(at) == 'number' and more == nil)
  return level, at
end

local function gcra(key, window, limit, burst, hits)
  local level, at = pairAt(key)
  if not level then level, at = 0, 0 end
  local capacity = burst * window
  level = math.max(0, level - math.max(0, now - at) * limit)
  local before = level
  local wanted = math.max(0, level + hits * window)
  local over = hits > 0 and wanted > capacity
  if not over then level = wanted end
  at = math.max(at, now)
  local function inMs(amount)
    if limit == 0 then return window end
    return math.ceil(amount / limit)
  end
  if not over and hits ~= 0 then keep(key, at + inMs(level), cmsgpack.pack(level, at)) end
  local ahead = at - now
  local tooMuch = level + window - capacity
  local shut = 0
  if tooMuch > 0 then shut = ahead + inMs(tooMuch) end
  if over then
    local reset = window
    if hits <= burst then reset = ahead + inMs(wanted - capacity) end
    return 1, burst, burst + hits, 0, reset, shut
  end
  return 0, math.ceil(before / window), math.ceil(wanted / window),
    math.max(0, math.floor((capacity - wanted) / window)), ahead + inMs(wanted), shut
end

local function fixedWindow(key, window, limit, burst, hits)
  local start = math.floor(now / window) * window
  local level, at = 0, start
  local heldLevel, heldAt = pairAt(key)
  if heldLevel and heldAt >= start then level, at = heldLevel, heldAt end
  local after = math.max(0, level + hits)
  if hits ~= 0 then keep(key, at + window, cmsgpack.pack(after, at)) end
  local reset = at + window - now
  local over, shut = 0, 0
  if hits >= 0 and after > limit then over = 1 end
  if after >= limit then shut = reset end
  return over, level, after, math.max(0, limit - after), reset, shut
end

local function loadLog(key, window)
  local log, level = {}, 0
  local held = redis.call('GET', key)
  if not held then return log, level end
  local all = cmsgpack.unpack(held)
  assert(type(all) == 'table')
  for i = 1, #all, 2 do
    if all[i] > now - window then
      log[#log + 1] = all[i]
      log[#log + 1] = all[i + 1]
      level = level + all[i + 1]
    end
  end
  return log, level
end

local function remember(log, hits, slot)
  local newest = log[#log - 1] or 0
  local time = math.max(newest, math.ceil(now / slot) * slot)
  if #log > 0 and time == newest then log[#log] = log[#log] + hits
  else
    log[#log + 1] = time
    log[#log + 1] = hits
  end
end

-- Takes hits back from one end of the log; answers how many were there.
local function take(log, hits, fromOldest)
  local left = hits
  while left > 0 and #log > 0 do
    local at = fromOldest and 2 or #log
    local taken = math.min(log[at], left)
    left = left - taken
    if taken == log[at] then
      table.remove(log, at)
      table.remove(log, at - 1)
    else log[at] = log[at] - taken end
  end
  return hits - left
end

local function slidingWindow(key, window, limit, burst, hits)
  local log, level = loadLog(key, window)
  local function untilFree(wanted)
    local freed = 0
    for i = 1, #log, 2 do
      freed = freed + log[i + 1]
      if freed >= wanted then return log[i] - (now - window) end
    end
    return 0
  end
  local before = level
  local over = hits > 0 and before + hits > limit
  if hits < 0 then level = level - take(log, -hits, false)
  elseif hits > 0 and not over then
    remember(log, hits, limit <= ${exactUpTo} and 1 or math.ceil(window / 128))
    level = level + hits
  end
  local newest = log[#log - 1] or (now - window)
  if not over and hits ~= 0 then keep(key, newest + window, cmsgpack.pack(log)) end
  local shut = 0
  if level >= limit then shut = limit == 0 and window or untilFree(level + 1 - limit) end
  if over then
    local reset = window
    if hits <= limit then reset = untilFree(before + hits - limit) end
    return 1, limit, limit + hits, 0, reset, shut
  end
  return 0, before, level, limit - level, newest + window - now, shut
end

local function concurrency(key, window, limit, burst, hits)
  local log, level = loadLog(key, window)
  local before = level
  if hits > 0 then
    remember(log, hits, math.ceil(window / 128))
    level = level + hits
  elseif hits < 0 then level = level - take(log, -hits, true) end
  if hits ~= 0 then keep(key, (log[#log - 1] or (now - window)) + window, cmsgpack.pack(log)) end
  local over = (hits >= 0 and level > limit) and 1 or 0
  return over, before, level, math.max(0, limit - level), level > 0 and 1000 or 0, 0
end

local algorithms = { g = gcra, f = fixedWindow, s = slidingWindow, c = concurrency }
local answers = {}
for i, key in ipairs(KEYS) do
  local at = 5 * i - 3
  local ok, over, before, after, remaining, reset, shut = pcall(algorithms[ARGV[at]], key,
    tonumber(ARGV[at + 1]), tonumber(ARGV[at + 2]), tonumber(ARGV[at + 3]), tonumber(ARGV[at + 4]))
  if not ok then over, before, after, remaining, reset, shut = -1, 0, 0, 0, 0, 0 end
  local n = #answers
  answers[n + 1], answers[n + 2], answers[n + 3] = over, before, after
  answers[n + 4], answers[n + 5], answers[n + 6] = remaining, reset, shut
end
return answers
`;

/** The name of the script in Redis. */
export const sha = createHash("sha1").update(lua).digest("hex");

/** How many numbers it answers for each key. */
export const numbersPerKey = 6;
