/** The scripts for the shells. They know no command and no flag: at each Tab they ask `alltoken completion words`. */
import type { Shell } from './command.ts';

const executables = [
  'alltoken',
  ...['chat', 'image', 'video', 'search', 'models', 'cost'].map((name) => `alltoken-${name}`),
].join(' ');

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
complete -o bashdefault -o default -F _alltoken_complete ${executables}
`;

const zsh = `#compdef ${executables}
# Completes alltoken in zsh. In ~/.zshrc, after compinit: source <(alltoken completion zsh)
_alltoken() {
  local -a given found
  given=("\${(@)words[2,CURRENT]}")
  [[ \${words[1]:t} == alltoken-* ]] && given=("\${\${words[1]:t}#alltoken-}" "\${given[@]}")
  found=("\${(@f)$(command alltoken completion words -- "\${given[@]}" 2>/dev/null)}")
  found=(\${found:#})
  if (( \${#found} )); then compadd -- "\${found[@]}"; else _files; fi
}
if [[ \${funcstack[1]} == _alltoken ]]; then
  _alltoken "$@"
else
  compdef _alltoken ${executables}
fi
`;

const fish = `# Completes alltoken in fish: alltoken completion fish > ~/.config/fish/completions/alltoken.fish
function __alltoken_words
  set -l given (commandline -opc)
  set -l name (basename -- $given[1])
  set -e given[1]
  string match -q -- 'alltoken-*' $name
  and set given (string replace -- alltoken- '' $name) $given
  set -l current (commandline -ct)
  command alltoken completion words -- $given "$current" 2>/dev/null
end
for name in ${executables}
  complete -c $name -a '(__alltoken_words)'
end
`;

export function scriptFor(shell: Shell): string {
  return { bash, zsh, fish }[shell];
}
