import { printed, readWords, type Shell } from "./shell.ts";

/**
 * PowerShell, of Windows too. It replaces what it takes for the word, which of \`a,b\` is the end alone;
 * an answer without anything makes it look for files, one of an empty text does not.
 * See https://learn.microsoft.com/powershell/module/microsoft.powershell.core/register-argumentcompleter
 */
export const powershell: Shell = {
  read: readWords((completion, word) => {
    const { head, values } = completion;
    const whole = values.map((one) => ({ ...one, value: head + one.value }));
    return printed(
      whole.filter(({ value }) => value.toLowerCase().startsWith(word.toLowerCase())),
      completion,
    );
  }),
  script: `Register-ArgumentCompleter -Native -CommandName contour -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    $word = ''
    $words = @()
    foreach ($element in @($commandAst.CommandElements | Select-Object -Skip 1)) {
        $extent = $element.Extent
        if ($extent.StartOffset -ge $cursorPosition) { break }
        if ($extent.EndOffset -ge $cursorPosition) {
            $word = $extent.Text.Substring(0, $cursorPosition - $extent.StartOffset).Trim([char[]]@(34, 39))
        } elseif ($element -is [System.Management.Automation.Language.StringConstantExpressionAst]) {
            $words += $element.Value
        } else {
            $words += $extent.Text.Trim([char[]]@(34, 39))
        }
    }

    $program = $commandAst.GetCommandName()
    $lines = @(& $program __complete powershell "=$word" @words 2>$null)
    if ($lines.Count -eq 0) { return }
    $kind = $lines[-1]
    $typed = $wordToComplete.Trim([char[]]@(34, 39))
    $skip = 0
    if ($word.EndsWith($typed)) { $skip = $word.Length - $typed.Length }

    $results = @(foreach ($line in @($lines | Select-Object -SkipLast 1)) {
        $value, $description = $line -split '\\t', 2
        if (-not $description) { $description = $value }
        $text = $value.Substring($skip)
        if ($text -match '[^-\\w./:=,~+%]') { $text = "'" + $text.Replace("'", "''") + "'" }
        [System.Management.Automation.CompletionResult]::new($text, $value, 'ParameterValue', $description)
    })

    if ($kind -like ':files*' -or $kind -like ':folders*') {
        $head = ''
        if ($skip -eq 0 -and $word -match '^--[^=]*=') { $head = $Matches[0] }
        $path = $word.Substring($skip + $head.Length)
        $results += @([System.Management.Automation.CompletionCompleters]::CompleteFilename($path) | ForEach-Object {
            [System.Management.Automation.CompletionResult]::new($head + $_.CompletionText, $_.ListItemText, $_.ResultType, $_.ToolTip)
        })
    }
    if ($results.Count -eq 0) { '' } else { $results }
}
`,
};
