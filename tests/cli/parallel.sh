# SPDX-License-Identifier: Apache-2.0
#
# `async` and `parallel`: the same lines come out, over however many workers.

. "$(dirname "$0")/lib.sh"

# A log of $1 lines of uneven length, some empty, the last one torn.
make_log() {
	awk -v lines="$1" 'BEGIN {
		split("info debug ERROR warning", level)
		for (i = 1; i <= lines; i++) {
			x = (x * 69069 + 12345) % 4294967296
			text = ""
			for (n = int(x / 65536) % 12; n > 0; n--)
				text = text " word" (x % (n * 97))
			if (x % 41 == 0)
				print ""
			else
				print i, level[int(x / 256) % 4 + 1] text
		}
		printf "%d ERROR torn", i
	}'
}

make_log 30000 >log
head -n 3000 log >short
grep ERROR log | tr a-z A-Z >log.expected
grep ERROR short | tr a-z A-Z >short.expected

# What the files of expected lines hold is what the pipeline without parallel
# gives.
it "gives its expected lines without parallel"
for file in log short; do
	run run -q "file $file | lines | grep ERROR | map upper | file got"
	exits 0; same $file.expected got
done

it "gives the same bytes in the same order, whatever is parallel"
for w in 1 2 4; do
	for n in 1 2 3; do
		run run -q -w $w "file log | lines |
			parallel $n (grep ERROR | map upper) | file got"
		exits 0; same log.expected got; is_quiet
	done
	for window in 1 7 4096; do
		run run -q -w $w --window $window "file short | lines |
			parallel 2 (grep ERROR | map upper) | async |
			file got"
		exits 0; same short.expected got
	done
	run run -q -w $w "file log | async | lines | async |
		parallel 2 (grep -F ERROR) | parallel 3 (map upper) |
		async window=3 | async window=1000 | file got"
	exits 0; same log.expected got
done

it "gives the same lines in any order when it is unordered"
sort log.expected >log.sorted
for w in 1 2 4; do
	for n in 1 3; do
		run run -q -w $w "file log | lines |
			parallel $n unordered (grep ERROR | map upper) |
			file got"
		exits 0; sort got >got.sorted; same log.sorted got.sorted
	done
done
sort short.expected >expected
for window in 1 7 4096; do
	run run -q -w 2 --window $window "file short | lines |
		parallel 2 unordered (parallel 2 (grep ERROR) | async |
			map upper) | file got"
	exits 0; sort got >got.sorted; same expected got.sorted
done

it "keeps the order of a copy that has much more to do than the others"
run run -q -w 2 'range 1 20000 |
	parallel 3 (grep -v "^(.*)*[0-9]*5$" | grep -v "9$") | file got'
exits 0; seq 1 20000 | grep -v '[59]$' >expected; same expected got

it "shows the copies and the boundaries in its report"
run run --json -w 2 --window 300 'range 1 30000 |
	parallel 3 (grep 7 | map lower) | async window=9 | count'
exits 0; balances
report '[.stages[].copies] == [null, null, 3, 3, null, null]'
report '.stages[1] | .in == 30000 and .out == 30000'
report '.stages[2] | .in == 30000 and .out == 10317'
report '[.boundaries[] | .from, .to] ==
	["parallel", "grep", "map", "parallel", "parallel", "async"]'
report '[.boundaries[].window] == [300, 300, 9]'
report '[.boundaries[].copies] == [3, 3, 1]'
run run -w 2 'range 1 30000 | parallel 3 (grep 7 | map lower) | count'
says "stage     copies     in"
holds "a row with copies" grep -q '^grep  *3  *30000  *0  *10317 ' err
holds "a boundary of each copy" grep -q '^parallel -> grep  *3  *4096 ' err

it "drops nothing of what a part emits, and emits nothing it filtered"
run run -q -w 2 'range 1 30000 | parallel 2 (grep x) | count'
exits 0; prints 0
run run -q -w 2 'range 1 30000 | parallel 2 (grep -v x) | count'
exits 0; prints 30000
run run -q -w 2 'range 2 1 | parallel 2 (map upper) | count'
exits 0; prints 0

it "gives each copy a state of its own"
run run -q -w 2 'range 1 10000 | parallel 4 (count) | stdout'
exits 0
holds "four numbers" [ "$(wc -l <out)" = 4 ]
holds "that sum up" [ "$(awk '{ n += $1 } END { print n }' out)" = 10000 ]

it "ends when all copies have had enough"
run run -q -w 2 'range 1 9000000000 | parallel 3 (take 5) | count'
exits 0; prints 15

it "ends when what is behind it has had enough"
run run -q -w 2 'range 1 9000000000 | parallel 2 (map upper) | take 3 | stdout'
exits 0; prints 1 2 3
run run -q -w 2 'range 1 9000000000 | async | take 3 | stdout'
exits 0; prints 1 2 3
run run -q -w 2 'range 1 9000000000 |
	parallel 2 unordered (map upper | async) | take 70000 | count'
exits 0; prints 70000

it "runs within the parts of a merge and a tee"
run run -q -w 2 'merge (file log | lines | parallel 2 (grep ERROR),
		file short | lines | async | grep ERROR) |
	tee (parallel 2 (map upper) | file all, async | count, null)'
exits 0
cat log.expected short.expected | sort >expected
sort all >sorted; same expected sorted
prints "$(wc -l <expected)"

it "has a tee in each copy, whose sinks share a file they append to"
run run -q -w 2 'file short | lines |
	parallel 2 (grep ERROR | tee (map upper | file side append)) |
	map upper | file got'
exits 0; same short.expected got
sort short.expected >expected; sort side >sorted; same expected sorted

it "takes the same course twice with a seed"
# Without I/O on the way: when the kernel has written no seed says.
pipeline='range 1 3000 | parallel 3 unordered (grep -v 7 | async) | count'
for seed in 1 2 3; do
	WEIR_SEED=$seed run run --json -w 4 "$pipeline"
	exits 0; prints 2187
	sed 's/"seconds":[^,]*,//' err >err.first
	WEIR_SEED=$seed run run --json -w 4 "$pipeline"
	exits 0; prints 2187
	sed 's/"seconds":[^,]*,//' err >err.second
	same err.first err.second
done

finish
