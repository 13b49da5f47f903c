# SPDX-License-Identifier: Apache-2.0
#
# SIGINT and SIGTERM: drain first, stop at once when it comes again.
#
# FIFOs say when the run has come far enough: what is read from its output was
# let through, and what can be written to its input has a reader.

. "$(dirname "$0")/lib.sh"

mkfifo input

for signal in INT TERM; do
	it "drains on SIG$signal, and lets out an unfinished line"
	start 'file input | lines | stdout'
	exec 3>input
	printf 'one\ntw' >&3
	read -r line <&4
	holds "the first line came" [ "$line" = one ]
	kill -$signal $pid
	await
	exec 3>&-
	exits 130; prints tw; says "interrupted after"

	it "reports balances after SIG$signal"
	start --json 'file input | lines | tee (count, stdout) | null'
	exec 3>input
	printf 'one\n' >&3
	read -r line <&4
	kill -$signal $pid
	await
	exec 3>&-
	exits 130; prints 1; balances
	report '.exit == 130'
	report '.stages[1].stage == "lines" and .stages[1].in == 1'
done

it "drains what an endless source made"
start --json 'range 1 9000000000000 | tee (count, take 1 | stdout)'
read -r line <&4
kill -INT $pid
await
exits 130; balances
count=$(cat out)
report ".stages | any(.stage == \"count\" and .in == $count)"
report ".stages[0].out == $count"

it "stops at once when a second signal comes"
# Nobody reads the output, so that it cannot drain.
start --json 'range 1 9000000000000 | stdout'
read -r line <&4
kill -INT $pid
kill -TERM $pid
wait $pid
code=$?
exec 4<&-
exits 130; balances
report '.exit == 130'
holds "no error is said" test -z "$(grep '^weir: ' err)"

# Wait until the run of $pid catches SIGINT: a bare one would end it.
await_handler() {
	local mask=0
	until [ "$(cat /proc/$pid/comm)" = "$(basename "$WEIR")" ] &&
		[ $((0x$mask & 2)) -ne 0 ] || ! kill -0 $pid; do
		mask=$(awk '/^SigCgt/ { print $2 }' /proc/$pid/status)
	done
}

it "gives up waiting for a FIFO that nobody opens"
"$WEIR" run -q 'file input | null' >out 2>err &
pid=$!
await_handler
# The first may come just before open(2), which then waits on.
while kill -INT $pid 2>/dev/null; do :; done
wait $pid
code=$?
exits 130; is_quiet

it "stays quiet about an interruption with -q"
exec 3<>input
"$WEIR" run -q 'stdin | stdout' <&3 >out 2>err &
pid=$!
await_handler
kill -INT $pid
wait $pid
code=$?
exec 3<&-
exits 130; prints; is_quiet

it "goes on when the reader of one of several outputs is gone"
mkfifo closed
head -c 1 closed >/dev/null &
run run -q 'range 1 1000000 | tee (file closed, count)'
wait
exits 0; prints 1000000

finish
