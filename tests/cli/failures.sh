# SPDX-License-Identifier: Apache-2.0
#
# What was accepted before a stage failed is written.

. "$(dirname "$0")/lib.sh"

# What was accepted is written: SINK holds the first lines of a long range.
holds_a_prefix() {
	local bytes
	bytes=$(stat -c %s "$1")
	seq 1 1000000 | head -c "$bytes" >expected
	same expected "$1"
	holds "something was written" [ "$bytes" -gt 0 ]
}

it "keeps what was written before the disk was full"
mkdir small
if mount -t tmpfs -o size=64k weir-test small 2>/dev/null; then
	run run 'range 1 1000000 | file small/out'
	exits 1; once; says "cannot write to 'small/out': No space left"
	holds_a_prefix small/out
	umount small
fi
(
	ulimit -f 64
	exec "$WEIR" run 'range 1 1000000 | file limited'
) >out 2>err
code=$?
exits 1; once; says "file: cannot write to 'limited': File too large"
holds_a_prefix limited

it "keeps it on standard output too, and what was there before"
(
	ulimit -f 64
	echo 0 >limited
	exec "$WEIR" run 'range 1 1000000 | stdout' >>limited 2>err
)
code=$?
exits 1; once; says "stdout: cannot write to"
seq 0 1000000 | head -c 65536 >expected; same expected limited
(
	ulimit -f 64
	{
		echo 0
		exec "$WEIR" run 'range 1 1000000 | stdout' 2>err
	} >limited
)
code=$?
exits 1; once; says "stdout: cannot write to"
same expected limited

it "meets a line above the maximum, and writes those before it"
{ seq 1 100; head -c 5000 /dev/zero | tr '\0' x; echo; seq 1 5; } >long
run run 'file long | lines max=1000 | file short'
exits 1; once; says "lines: line 101 is longer than 1000 bytes"
seq 1 100 >expected; same expected short
run run -q 'file long | lines max=5000 | file short'
exits 0; same long short
run run 'file long | lines max=4999 | null'
exits 1

finish
