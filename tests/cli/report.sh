# SPDX-License-Identifier: Apache-2.0
#
# The report: one row for each stage of the text, and it balances.

. "$(dirname "$0")/lib.sh"

seq 1 1000 >numbers
bytes=$(stat -c %s numbers)

it "is one JSON object on standard error, as the contract has it"
run run --json 'file numbers | lines | grep 7 | file kept'
exits 0; prints
holds "one line" [ "$(wc -l <err)" = 1 ]
report 'keys == ["exit", "seconds", "stages", "total"]'
report '.exit == 0 and (.seconds | type) == "number" and .seconds > 0'
report '[.stages[].stage] == ["file", "lines", "grep", "file"]'
report '.stages | all(["in", "out", "filtered", "dropped", "dead", "unacked",
	"bytes_in", "bytes_out"] - keys == [])'
report ".stages[0].bytes_out == $bytes and .stages[1].bytes_in == $bytes"
report '.stages[1].in == 1000 and .stages[1].out == 1000'
report '.stages[2] | .in == 1000 and .out == 271 and .filtered == 729'
report '.stages[3] | .in == 271 and .out == 271'
report ".stages[3].bytes_out == $(stat -c %s kept)"
report ".total.bytes_in == $bytes"
report ".total.bytes_out == $(stat -c %s kept)"
balances

it "has element totals only where all stages count the same"
report '.total | has("in") | not'
run run --json 'range 1 10 | skip 2 | tee (take 3 | null, null)'
report '.total | .in == 10 and .filtered == 2 and .created == 3 and .out == 11'
run run --json 'range 1 10 | grep 1 | count'
report '.total | .in == 10 and .filtered == 8 and .absorbed == 2 and .out == 1'
balances
run run --json 'range 1 10 | stdout'
report '.total | .in == 10 and .out == 10 and (has("created") | not)'
balances

it "has one row for count at the end, which prints"
run run --json 'range 1 10 | count'
exits 0; prints 10
report '[.stages[].stage] == ["range", "count"]'
report '.stages[0] | .in == 0 and .created == 10 and .out == 10'
report '.stages[1] | .in == 10 and .absorbed == 10 and .out == 1'
report '.stages[1].bytes_out == 3'
balances

it "leaves out created, absorbed and cancelled where they are 0"
report '.stages[0] | has("absorbed") or has("cancelled") | not'

it "counts copies by tee once"
run run --json 'file numbers | lines | tee (null, count, file kept)'
report '.stages[2] | .stage == "tee" and .in == 1000 and .out == 1000'
report '.stages[2] | .bytes_in == .bytes_out'
balances

it "balances whatever the shape, and however it ends"
while read -r pipeline; do
	run run --json "$pipeline"
	about="balances: $pipeline"
	balances
	report ".exit == $code"
done <<-'END'
	range 1 100000 | take 3 | null
	range 1 100000 | skip 99999 | count
	range 1 5000 | async | take 700 | tee (take 1 | null, skip 600 | count)
	merge (range 1 9, range 1 9000 | take 5) | tap (take 2 | null) | null
	file numbers | null
	file numbers | lines | take 2 | file kept
	file numbers | lines | grep 9 | map upper | prefix > | suffix < | count
	file numbers | lines max=2 | null
	file numbers | lines | tee (grep 1 | file kept append, grep -v 1 | null)
	range 1 100000 | file /dev/full
	range 1 1000 | tee (file /dev/full, count)
	range 5 1 | stdout
	file missing | null
	merge (file numbers | lines, file numbers | lines max=1) | null
END

it "has a row for each boundary"
run run --json -w 2 --window 50 'range 1 9000 | async |
	tee (null, grep 7 | async window=7 | null)'
report '[.boundaries[] | .from, .to] == ["range", "async", "grep", "async"]'
report '[.boundaries[].window] == [50, 7]'
report '.boundaries | all(.waiting_max > 0 and .waiting_max <= .window)'
report '.boundaries | all(.copies == 1)'
run run -w 2 'range 1 9000 | async | null'
holds "a table with that row" grep -q '^range -> async  *1  *4096 ' err
run run 'range 1 9000 | null'
holds "no table without boundaries" test -z "$(grep boundary err)"

it "is said when the run failed, behind the error, and with -q too"
run run --json -q 'range 1 100 | file /dev/full'
exits 1
says_line "weir: file: cannot write to '/dev/full': No space left on device"
report '.exit == 1'
run run --json 'file missing | null'
exits 3
report '.exit == 3 and ([.stages[].stage] == ["file", "null"])'

it "is a table without --json, and nothing with -q"
run run 'file numbers | lines | grep 7 | file kept'
says "done after"
says "stage"
holds "a row for each stage" [ "$(tail -n +3 err | awk '{print $1}' |
	xargs)" = "file lines grep file" ]
holds "grep's numbers" test -n \
	"$(awk '$1 == "grep" && $2 == 1000 && $4 == 271 && $5 == 729' err)"
run run -q 'file numbers | lines | grep 7 | file kept'
is_quiet

it "prints nothing about progress where standard error is no terminal"
run run 'range 1 3000000 | null'
holds "no carriage return" test -z "$(tr -d -c '\r' <err)"

finish
