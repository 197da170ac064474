import type { CookieRewrite } from "../graph/mod.ts";
import { type Message, struct } from "../../proto/mod.ts";
import { httpFilter } from "./http_filter.ts";
import { filterNames } from "./names.ts";

/**
 * Changes attributes of cookies that upstreams set. It does nothing where {@link cookieRewrites} says
 * nothing. A cookie without a rule, and what a rule does not speak of, stays as it is.
 * See https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/lua_filter
 */
export function cookieRewriteFilter(): Message {
  return filter;
}

/** The rules for the cookies of one target of a route. */
export function cookieRewrites(rules: readonly CookieRewrite[]): Message {
  return {
    "@type": "envoy.extensions.filters.http.lua.v3.LuaPerRoute",
    name: scriptName,
    filterContext: struct({
      cookies: Object.fromEntries(
        rules.map(({ name, path, domain, secure, sameSite }) => [name, {
          ...(path === undefined ? {} : { path }),
          ...(domain === undefined ? {} : { domain }),
          ...(secure === undefined ? {} : { secure }),
          ...(sameSite === undefined ? {} : { samesite: sameSite }),
        }]),
      ),
    }),
  };
}

const scriptName = "cookie_rewrite";

// Attribute names are compared without regard to case, and keep their place among the others.
const filter = httpFilter(filterNames.cookieRewrite, "lua.v3.Lua", {
  sourceCodes: {
    [scriptName]: {
      inlineString: `local spelling = {path = "Path", domain = "Domain", samesite = "SameSite"}

local function rewritten(cookie, rules)
  local pair = string.match(cookie, "^[^;]*")
  local name = string.match(pair, "^%s*([^=]-)%s*=")
  local rule = name and rules[name]
  if not rule then return cookie end
  local parts = {pair}
  local seen = {}
  for attribute in string.gmatch(string.sub(cookie, #pair + 1), "[^;]+") do
    local key = string.lower(string.match(attribute, "^%s*([^=]-)%s*$") or string.match(attribute, "^%s*([^=]-)%s*="))
    if spelling[key] and rule[key] ~= nil then
      if not seen[key] then table.insert(parts, spelling[key] .. "=" .. rule[key]) end
    elseif not (key == "secure" and rule.secure ~= nil) then
      table.insert(parts, string.match(attribute, "^%s*(.-)%s*$"))
    end
    seen[key] = true
  end
  for _, key in ipairs({"path", "domain", "samesite"}) do
    if rule[key] ~= nil and not seen[key] then table.insert(parts, spelling[key] .. "=" .. rule[key]) end
  end
  if rule.secure then table.insert(parts, "Secure") end
  return table.concat(parts, "; ")
end

function envoy_on_response(handle)
  local context = handle:filterContext()
  local rules = context and context:get("cookies")
  if not rules then return end
  local headers = handle:headers()
  local cookies = {}
  for key, value in pairs(headers) do
    if key == "set-cookie" then table.insert(cookies, value) end
  end
  if #cookies == 0 then return end
  headers:remove("set-cookie")
  for _, cookie in ipairs(cookies) do
    headers:add("set-cookie", rewritten(cookie, rules))
  end
end
`,
    },
  },
});
