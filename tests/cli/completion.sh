# SPDX-License-Identifier: Apache-2.0
#
# What bash completes.

. "$(dirname "$0")/lib.sh"
. "$ROOT/cli/completion.bash"

# completes WORDS... -- RESULTS...: the last of WORDS is being written.
completes() {
	COMP_WORDS=("$WEIR")
	while [ "$1" != -- ]; do
		COMP_WORDS+=("$1")
		shift
	done
	shift
	COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
	about="completes ${COMP_WORDS[*]:1}"
	_weir
	printf '%s\n' "${COMPREPLY[@]}" >got
	printf '%s\n' "$@" >expected
	same expected got
}

it "is registered for weir"
holds "complete knows weir" test -n "$(complete -p weir)"

completes '' -- run check graph list -V -h
completes ch -- check
completes run --m -- --memory
completes run --for 3s --j -- --json
completes graph --as '' -- dot mermaid ascii
completes graph x -- ''
completes list ra -- range
completes list fi -- file
completes list me -- merge
completes run "'ran" -- range
completes run ran -- range
completes run "'file a | t" -- 'file a | take' 'file a | tap' 'file a | tee'
completes run "'file a | sk" -- 'file a | skip'
completes run "'file a | tee (cou" -- 'file a | tee (count'
completes run "'file a | nul" -- 'file a | null'
completes run "'file a | ran" -- ''
completes run '"merge (std' -- 'merge (stdin' 'merge (stdout'
completes run "'range 1 2 | tak 3" -- ''
touch here
completes run -f he -- here

it "offers every stage that is listed, and nothing else"
COMP_WORDS=("$WEIR" list "")
COMP_CWORD=2
_weir
printf '%s\n' "${COMPREPLY[@]}" >got
"$WEIR" list | grep '^  [a-z]' | awk '{ print $1 }' | sort -u >expected
same expected got

finish
