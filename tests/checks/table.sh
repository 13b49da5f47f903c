#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# The benches' table judges rows by their targets: each sense, figures and
# multiples, what is best, whom nobody ran; and every target is well formed.

set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
table() {
	awk -F '\t' -v csv="$work/csv" -v all=1 -f "$SOURCE/bench/table.awk" \
		"$work/targets" "$work/rows"
}

tr '|' '\t' >"$work/targets" <<'END'
# a comment
less, a figure|less|5|3
less, a multiple|less|2 floor|1 floor
more, of the best|more|0.9 best|1.5 best
faster|faster|1.7 one|1.9 one
its peer is missing|less|1 nobody|1 nobody
of a line|less|1.4 a cache line|1 a cache line
nothing|less|0|0
no row|less|1|1
END
tr '|' '\t' >"$work/rows" <<'END'
less, a figure|weir|3|2|ns|1
less, a multiple|weir|30|29|ns|1
less, a multiple|floor|20|19|ns|1.5
more, of the best|weir|0.8|0.7|GiB/s|1
more, of the best|slow|0.5|0.4|GiB/s|0
more, of the best|fast|1.0|0.9|GiB/s|0
faster|weir|10|9|ns|1
faster|one|18|17|ns|0
its peer is missing|weir|1|1|ns|1
of a line|weir|200|190|ns|1
of a line|a "quick" one|90|80|ns|2.2
of a line|a cache line|100|90|ns|1.3
nothing|weir|0|0|count|1
without a target|weir|7|7|ns|1
END
table >"$work/out"

# $1 stands in the table, or in the CSV.
shown() {
	grep -qE "$1" "$work/out" || {
		echo "not in the table: $1" >&2
		cat "$work/out" >&2
		exit 1
	}
}
shown '^less, a figure +3.000 ns .* 5 +3  goal$'
shown '^less, a multiple +30.000 ns  floor +20.000 +1.50 +2x +1x  bar$'
shown '^more, of the best +0.800 GiB/s  fast +1.000 +0.80 +0.9x +1.5x  short$'
shown '^    slow 0.500$'
shown '^faster +10.000 ns  one +18.000 +1.80 +1.7x +1.9x  bar$'
shown '^its peer is missing .* short$'
shown '^of a line +200 ns  a cache line +100 +1.30 +1.4x +1x  bar$'
shown '^    a "quick" one 90.000$'
shown '^nothing +0 .* goal$'
shown '^without a target +7.000 ns *$'
shown '^not measured: no row$'
[ "$(grep -c 'not measured' "$work/out")" = 1 ]
grep -qxF '"of a line","a ""quick"" one",90,80,ns,2.2,"1.4 a cache line","1 a cache line",' \
	"$work/csv"
[ "$(wc -l <"$work/csv")" = 15 ]

# Names are unique, and what is compared is a number.
awk -F '\t' '/^#/ { next }
	NF != 4 || $2 !~ /^(less|more|faster)$/ || seen[$1]++ ||
	$3 !~ /^[0-9.]+( .+)?$/ || $4 !~ /^[0-9.]+( .+)?$/ {
		print "bad target: " $0
		bad = 1
	}
	END { exit bad }' "$SOURCE/bench/targets.tsv"
# A peer is put under a measure that is there.
awk -F '\t' '/^#/ { next }
	FILENAME == ARGV[1] { known[$1] = 1; next }
	NF != 4 || !($1 in known) { print "bad peer: " $0; bad = 1 }
	END { exit bad }' "$SOURCE/bench/targets.tsv" "$SOURCE/bench/peers.tsv"
echo "rows are judged as their targets say"
