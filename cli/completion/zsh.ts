import { printed, readWords, type Shell } from "./shell.ts";

/**
 * zsh: functions of its completion system show descriptions, quote, and find files.
 * See https://zsh.sourceforge.io/Doc/Release/Completion-System.html
 */
export const zsh: Shell = {
  read: readWords((completion) => {
    const { head, values } = completion;
    // The beginning of `--output=json` it takes off by itself.
    const kept = head.startsWith("--") ? "" : head;
    return printed(values.map((one) => ({ ...one, value: kept + one.value })), completion);
  }),
  script: `#compdef contour

_contour() {
  local -a lines described
  local line value description kind
  lines=("\${(@f)$("\${(Q)\${~words[1]}}" __complete zsh "=\${(Q)PREFIX}" "\${(@Q)words[2,CURRENT-1]}" 2>/dev/null)}")
  kind=$lines[-1]
  for line in "\${(@)lines[1,-2]}"; do
    value=\${line%%$'\\t'*}
    description=\${line#*$'\\t'}
    described+=("\${value//:/\\\\:}\${description:+:$description}")
  done
  if [[ $PREFIX == --*=* ]]; then compset -P 1 '*='; fi
  local -i found=1
  if (( $#described )); then
    local -a suffix
    if [[ $kind == *' goes on' ]]; then suffix=(-S ''); fi
    _describe -V -t values value described $suffix && found=0
  fi
  case $kind in
    :files*) _files && found=0 ;;
    :folders*) _files -/ && found=0 ;;
  esac
  return found
}

if [[ $funcstack[1] == _contour ]]; then
  _contour "$@"
else
  if (( ! $+functions[compdef] )); then autoload -Uz compinit && compinit -i; fi
  compdef _contour contour
fi
`,
};
