import { dropHeader } from "../program/program.ts";

/**
 * Takes away what the mutations noted: the only thing Envoy's filters cannot do on a condition. Each
 * value of the header says how names are compared and with what, `prefix:x-internal-`. The work is
 * bounded by the number of headers times that of the notes; settings can add to neither the script
 * nor its loops.
 */
export function droppingScript(direction: "request" | "response"): string {
  return `function envoy_on_${direction}(handle)
  local headers = handle:headers()
  local count = headers:getNumValues("${dropHeader}")
  if count == 0 then return end
  local notes = {}
  for i = 0, count - 1 do
    local kind, text = string.match(headers:getAtIndex("${dropHeader}", i), "^(%l+):(.+)$")
    if kind == "exact" then headers:remove(text)
    elseif kind then notes[#notes + 1] = {kind, text} end
  end
  headers:remove("${dropHeader}")
  if #notes == 0 then return end
  local doomed = {}
  for name in pairs(headers) do
    for _, note in ipairs(notes) do
      local text = note[2]
      if note[1] == "prefix" and string.sub(name, 1, #text) == text
        or note[1] == "suffix" and string.sub(name, -#text) == text
        or note[1] == "contains" and string.find(name, text, 1, true) then
        doomed[#doomed + 1] = name
        break
      end
    end
  end
  for _, name in ipairs(doomed) do headers:remove(name) end
end
`;
}
