/** The scripts for the shells. They know no command and no flag: at each Tab they ask `alltoken completion words`. */
import { executables } from '../executables.ts';

export const shells = ['bash', 'zsh', 'fish', 'powershell'] as const;
export type Shell = (typeof shells)[number];

const names = executables.join(' ');

// The line is split at blanks by us: bash itself would also split at the = of --model=x and at the : of an id. Of each
// word that comes back, it wants only what it takes for the end of the word.
const bash = `# Completes alltoken in bash. In ~/.bashrc: source <(alltoken completion bash)
_alltoken_complete() {
  local line="\${COMP_LINE:0:COMP_POINT}" word cut name
  local -a given
  read -ra given <<< "$line"
  [[ $line == *[[:space:]] ]] && given+=('')
  cut="\${given[\${#given[@]}-1]}"
  cut="\${cut%"$2"}"
  name="\${given[0]##*/}"
  given=("\${given[@]:1}")
  [[ $name == alltoken-* ]] && given=("\${name#alltoken-}" "\${given[@]}")
  COMPREPLY=()
  while IFS= read -r word; do
    COMPREPLY+=("\${word#"$cut"}")
  done < <(command alltoken completion words -- "\${given[@]}" 2>/dev/null)
}
complete -o bashdefault -o default -F _alltoken_complete ${names}
`;

const zsh = `#compdef ${names}
# Completes alltoken in zsh. In ~/.zshrc, after compinit: source <(alltoken completion zsh)
_alltoken() {
  local -a given found
  given=("\${(@Q)words[2,CURRENT]}")
  [[ \${words[1]:t} == alltoken-* ]] && given=("\${\${words[1]:t}#alltoken-}" "\${given[@]}")
  found=("\${(@f)$(command alltoken completion words -- "\${given[@]}" 2>/dev/null)}")
  found=(\${found:#})
  if (( \${#found} )); then compadd -- "\${found[@]}"; else _files; fi
}
if [[ \${funcstack[1]} == _alltoken ]]; then
  _alltoken "$@"
else
  compdef _alltoken ${names}
fi
`;

// Fish adds files to whatever we say, and only -f stops it: where we have no words, they are asked for.
const fish = `# Completes alltoken in fish: alltoken completion fish > ~/.config/fish/completions/alltoken.fish
function __alltoken_words
  set -l given (commandline -opc)
  set -l name (basename -- $given[1])
  set -e given[1]
  string match -q -- 'alltoken-*' $name
  and set given (string replace -- alltoken- '' $name) $given
  set -l current (commandline -ct)
  set -l found (command alltoken completion words -- $given "$current" 2>/dev/null)
  if set -q found[1]
    printf '%s\\n' $found
    return
  end
  set -l flag (string match -r -- '^--[a-z-]+=' "$current")
  set -l begun (string replace -r -- '^--[a-z-]+=' '' "$current")
  for path in (__fish_complete_path "$begun")
    echo "$flag$path"
  end
end
for name in ${names}
  complete -c $name -f -a '(__alltoken_words)'
end
`;

// The words go through the environment: Windows PowerShell drops an empty argument, npm's own script for it drops a --, and
// cmd would run what follows an & in the line that is being completed.
const powershell = `# Completes alltoken in PowerShell. In $PROFILE: alltoken completion powershell | Out-String | Invoke-Expression
Register-ArgumentCompleter -Native -CommandName @(${executables.map((name) => `'${name}'`).join(', ')}) -ScriptBlock {
  param($wordToComplete, $commandAst, $cursorPosition)
  $ErrorActionPreference = 'SilentlyContinue'
  $command = Get-Command -Name 'alltoken' -CommandType Application, ExternalScript -TotalCount 1
  if (-not $command) { return }
  $current = ''
  $given = New-Object 'System.Collections.Generic.List[string]'
  foreach ($element in $commandAst.CommandElements) {
    $extent = $element.Extent
    if ($extent.StartOffset -ge $cursorPosition) { break }
    if ($given.Count -gt 0 -and $extent.EndOffset -ge $cursorPosition) {
      $current = $extent.Text.Substring(0, $cursorPosition - $extent.StartOffset).TrimStart([char]34, [char]39)
    } elseif ($element -is [System.Management.Automation.Language.StringConstantExpressionAst]) {
      $given.Add($element.Value)
    } else {
      $given.Add($extent.Text)
    }
  }
  $name = [System.IO.Path]::GetFileNameWithoutExtension($given[0])
  $given.RemoveAt(0)
  if ($name -like 'alltoken-*') { $given.Insert(0, $name.Substring(9)) }
  $given.Add($current)
  try {
    $env:ALLTOKEN_COMPLETION_WORDS = @($given | ForEach-Object { $_ -replace '[\\r\\n]', ' ' }) -join [string][char]10
    $found = @(& $command completion words 2>$null)
  } finally {
    $env:ALLTOKEN_COMPLETION_WORDS = $null
  }
  foreach ($word in $found) {
    $kind = if ($word.StartsWith('-')) { 'ParameterName' } else { 'ParameterValue' }
    $text = if ($word.StartsWith('@')) { "'$word'" } else { $word }
    New-Object System.Management.Automation.CompletionResult -ArgumentList $text, $word, $kind, $word
  }
}
`;

export function scriptFor(shell: Shell): string {
  return { bash, zsh, fish, powershell }[shell];
}
