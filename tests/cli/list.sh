# SPDX-License-Identifier: Apache-2.0
#
# 'weir list' and the manual: every stage, from its own descriptor.

. "$(dirname "$0")/lib.sh"

run list
mapfile -t stages < <(grep '^  [a-z]' out | awk '{ print $1 }' | sort -u)

it "has the three sections, and stages in each"
holds "the sections" [ "$(grep -x '[a-z]*' out | xargs)" = \
	"sources operators sinks" ]
holds "many stages" [ ${#stages[@]} -ge 15 ]

it "fits a terminal that is a little wide"
holds "no line above 100 columns" test -z "$(grep -E '.{101}' out)"

for stage in "${stages[@]}"; do
	it "says more about $stage"
	run list "$stage"
	exits 0; is_quiet
	holds "its place" grep -qE "^$stage \((source|operator|sink)\): " out
	holds "an example" grep -q "^  example: weir run ['\"]" out
	cp out described
	sed -n "s/^  example: weir run ['\"]\(.*\)['\"]\$/\1/p" described |
		while read -r example; do
			"$WEIR" check "$example" || echo "bad: $example"
		done >bad 2>&1
	holds "its examples would run: $(cat bad)" [ ! -s bad ]

	it "names $stage in the manual, with its options"
	holds "the stage" grep -qE "^\.B[RI]? \"?$stage( |\"|\$)" \
		"$ROOT/docs/weir.1"
	grep -oE '^    (-[a-zA-Z]|[a-z-]+=|[a-z-]+ )' described |
		tr -d ' =' | while read -r option; do
		grep -qE "^\.?[A-Z]* ?.*\b${option#-}\b" "$ROOT/docs/weir.1" ||
			echo "$option"
	done >bad
	holds "its options: $(cat bad)" [ ! -s bad ]
done

it "shows options with range, default and choices"
run list file
holds "block" grep -q 'block=SIZE .*from 4KiB to 64MiB; default 256KiB' out
run list map
holds "choices" grep -q 'upper|lower|trim' out

it "lists a stage once for each place it may have"
run list count
holds "twice" [ "$(grep -cE '^count \((operator|sink)\)' out)" = 2 ]

it "suggests a stage for a name that is none"
run list gerp
exits 2; prints
says_line "weir: no stage called 'gerp'"
says_line "  did you mean 'grep'?  ('weir list' shows all)"

it "says that a stage of the language is not in this version"
run list tail
exits 2; prints
says_line "weir: the stage 'tail' is not in this version"
says_line "  'weir list' shows all"

it "is a manual without warnings"
if command -v groff >/dev/null; then
	groff -ww -man -Tutf8 "$ROOT/docs/weir.1" >/dev/null 2>err
	is_quiet
fi

finish
