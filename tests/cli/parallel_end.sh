# SPDX-License-Identifier: Apache-2.0
#
# How pipelines that are cut over workers end: drained, stopped, failed.

. "$(dirname "$0")/lib.sh"

it "lets a line through while it waits for more"
mkfifo input
for pipeline in 'file input | async | lines | async | stdout' \
	'file input | lines | parallel 3 (grep o) | stdout' \
	'file input | lines | parallel 2 unordered (grep o | async) | stdout'; do
	start -q -w 2 "$pipeline"
	exec 3>input
	for word in one two four; do
		echo $word >&3
		read -r line <&4
		holds "$word came" [ "$line" = $word ]
	done
	exec 3>&-
	await
	exits 0; prints; is_quiet
done

it "drains on SIGINT, and lets out an unfinished line"
start --json -w 2 'file input | async | lines |
	parallel 2 (grep o) | tee (count, stdout) | async | null'
exec 3>input
printf 'one\ntwo' >&3
read -r line <&4
holds "the first line came" [ "$line" = one ]
kill -INT $pid
await
exec 3>&-
exits 130; balances
sort out | xargs >sorted
echo '2 two' >expected; same expected sorted
report '.exit == 130'

it "drains what an endless source made over several workers"
for part in '(prefix x)' 'unordered (prefix x | async)'; do
	start --json -w 3 "range 1 9000000000000 | async | parallel 2 $part |
		tee (count, take 1 | stdout) | null"
	read -r line <&4
	kill -INT $pid
	await
	exits 130; balances
	count=$(cat out)
	report ".stages[0].out == $count"
	report ".stages[-1].out == $count"
done

it "stops at once when a second signal comes"
start --json -w 2 'range 1 9000000000000 | async |
	parallel 2 (prefix x) | stdout'
read -r line <&4
kill -INT $pid
kill -TERM $pid
wait $pid
code=$?
exec 4<&-
exits 130; balances
holds "no error is said" test -z "$(grep '^weir: ' err)"

it "stops after the time given, drains and exits 0"
run run --json --for 20ms -w 2 'range 1 9000000000000 | async |
	parallel 2 (prefix x) | count'
exits 0; balances
report ".stages[-1].in == $(cat out)"

it "ends quietly when the reader of standard output is gone"
for pipeline in 'range 1 9000000000 | async | stdout' \
	'range 1 9000000000 | parallel 2 (prefix x) | stdout' \
	'file /dev/zero | async | stdout'; do
	"$WEIR" run -q -w 2 "$pipeline" 2>err | head -c 2 >out
	code=${PIPESTATUS[0]}
	exits 0; is_quiet
done

it "fails with what was accepted before written"
run run -w 2 'range 1 1000000 | parallel 2 (prefix x) | file /dev/full'
exits 1; once
says "file: cannot write to '/dev/full': No space left on device"
run run -w 2 'range 1 1000000 | parallel 2 (tee (file /dev/full)) | null'
exits 1; once
says "file: cannot write to '/dev/full': No space left on device"
{
	seq 1 2000
	head -c 3000 /dev/zero | tr '\0' x
	echo
	seq 1 2000
} >long
for w in 1 2; do
	run run -w $w 'file long | lines max=1000 |
		parallel 2 (prefix :) | file got'
	exits 1; once; says "lines: line 2001 is longer than 1000 bytes"
	seq -f ':%.0f' 1 2000 >expected; same expected got
done

it "names the copy whose pattern took too much, and writes all before it"
{
	yes aaa | head -n 3000
	head -c 40 /dev/zero | tr '\0' a
	echo b
	yes aaa | head -n 3000
} >evil
for w in 1 2; do
	run run -w $w "file evil | lines | parallel 2 (prefix '' |
		grep '^(a+)+\$' | map upper) | file got"
	exits 1; once; says "matching took too much at record"
	holds "the copy is named" grep -qE '^weir: grep#[12]: ' err
	says_line "    ^^^^"
	yes AAA | head -n 3000 >expected; same expected got
done

finish
