import { printed, readWords, type Shell } from "./shell.ts";

/**
 * fish: it compares whole words, and quotes what it puts in.
 * See https://fishshell.com/docs/current/completions.html
 */
export const fish: Shell = {
  read: readWords((completion) => {
    const { head, values } = completion;
    return printed(values.map((one) => ({ ...one, value: head + one.value })), completion);
  }),
  script: `function __contour_complete
    set -l words (commandline -opc)
    set -l word (commandline -ct)
    set -l plain (string unescape -- $word 2>/dev/null); or set plain (string trim -lc '"\\'' -- $word)
    set -l program contour
    command -q -- $words[1]; and set program $words[1]
    set -l lines (command $program __complete fish "=$plain" $words[2..-1] 2>/dev/null)
    set -q lines[1]; or return
    set -l kind $lines[-1]
    set -q lines[2]; and printf '%s\\n' $lines[1..-2]
    set -l head (string match -r -- '^--[^=]*=' $word)
    set -l path (string replace -r -- '^--[^=]*=' '' $word)
    switch $kind
        case ':files*'
            for found in (__fish_complete_path "$path")
                printf '%s%s\\n' "$head" $found
            end
        case ':folders*'
            for found in (__fish_complete_directories "$path" '')
                printf '%s%s\\n' "$head" $found
            end
    end
end

complete -c contour -e
complete -c contour -f -k -a '(__contour_complete)'
`,
};
