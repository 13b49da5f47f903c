# SPDX-License-Identifier: Apache-2.0
#
# completion.bash - bash completes weir's commands, options and stages
#
# The names of the stages come from 'weir list', so they are those of the weir
# that is being called.  In a pipeline, which is one quoted word, the stage
# being written is completed.

# The stages that stand in the sections of 'weir list' named.
_weir_stages() {
	"${COMP_WORDS[0]}" list 2>/dev/null | awk -v sections=" $* " '
		/^[a-z]+$/ { wanted = index(sections, " " $1 " ") > 0 }
		/^  [a-z]/ && wanted { print $1 }'
}

# Complete the stage at the end of a pipeline begun in $1.
_weir_pipeline() {
	local text=$1 head tail sections
	text=${text#[\'\"]}
	tail=${text##*[|(,]}
	head=${text%"$tail"}
	tail=${tail#"${tail%%[![:space:]]*}"}
	[[ $tail != *[[:space:]]* ]] || return 0
	head=${text%"$tail"}
	# A part in parentheses may begin with any stage.
	case ${head%"${head##*[![:space:]]}"} in
	'') sections="sources" ;;
	*\|) sections="operators sinks" ;;
	*) sections="sources operators sinks" ;;
	esac
	compopt -o nospace 2>/dev/null
	local name
	for name in $(_weir_stages $sections | sort -u); do
		[[ $name != "$tail"* ]] || COMPREPLY+=("$head$name")
	done
}

_weir() {
	local cur=${COMP_WORDS[COMP_CWORD]}
	local prev=${COMP_WORDS[COMP_CWORD - 1]}
	local verb=${COMP_WORDS[1]-} options
	COMPREPLY=()

	if [ "$COMP_CWORD" -eq 1 ]; then
		mapfile -t COMPREPLY < <(
			compgen -W "run check graph list -V -h" -- "$cur")
		return
	fi
	case $prev in
	-f)
		compopt -o filenames 2>/dev/null
		mapfile -t COMPREPLY < <(compgen -f -- "$cur")
		return
		;;
	--as)
		mapfile -t COMPREPLY < <(
			compgen -W "dot mermaid ascii" -- "$cur")
		return
		;;
	-w | --window | --memory | --for | --dead) return ;;
	esac
	case $verb in
	run | check)
		options="-f -w --window --memory --for -q --json -n -V -h"
		;;
	graph) options="-f --window --as -V -h" ;;
	list)
		mapfile -t COMPREPLY < <(compgen -W \
			"$(_weir_stages sources operators sinks)" -- "$cur" |
			sort -u)
		return
		;;
	*) return ;;
	esac
	if [[ $cur == -* ]]; then
		mapfile -t COMPREPLY < <(compgen -W "$options" -- "$cur")
	else
		_weir_pipeline "$cur"
	fi
}

complete -F _weir weir
