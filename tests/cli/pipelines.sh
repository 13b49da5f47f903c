# SPDX-License-Identifier: Apache-2.0
#
# What pipelines of each shape print and write.

. "$(dirname "$0")/lib.sh"

it "prints a range, both ends included"
run run -q 'range -2 2 | stdout'
exits 0; prints -2 -1 0 1 2; is_quiet

it "prints nothing for a range that runs backwards"
run run -q 'range 2 1 | stdout'
exits 0; prints; is_quiet

it "takes and skips"
run run -q 'range 1 10 | skip 3 | take 2 | stdout'
exits 0; prints 4 5

it "takes nothing when asked for none"
run run -q 'range 1 10 | take 0 | stdout'
exits 0; prints

it "counts inside a pipeline and at its end"
run run -q 'range 1 1000 | count | stdout'
exits 0; prints 1000
run run -q 'range 1 1000 | count'
exits 0; prints 1000

it "copies a file byte for byte"
head -c 3000000 /dev/urandom >random
run run -q 'file random | file copy'
exits 0; same random copy
run run -q 'file random block=4KiB | file copy'
exits 0; same random copy

it "copies several files as cat does, and repeats them"
printf 'a\nb' >one
printf 'c\n' >two
run run -q 'file one two repeat=2 | file copy'
exits 0; cat one two one two >expected; same expected copy

it "reads standard input and writes standard output"
run run -q 'stdin | stdout' <random
exits 0; same random out

it "goes on at the file position of standard input, and leaves it behind"
seq 1 5 >numbers
{
	read -r first
	run run -q 'stdin | stdout'
	read -r last || last=none
} <numbers
exits 0; prints 2 3 4 5
holds "the line read first" [ "$first" = 1 ]
holds "nothing is left" [ "$last" = none ]

it "writes at the file position of standard output, and leaves it behind"
{
	echo before
	"$WEIR" run -q 'range 1 3 | stdout'
	echo behind
} >out 2>err
is_quiet; prints before 1 2 3 behind

it "lets several sinks share standard output, in no order, and loses nothing"
run run -q 'range 1 9 | tee (stdout, skip 9 | stdout, count | stdout)'
exits 0
sort out >sorted
mv sorted out
prints 1 2 3 4 5 6 7 8 9 9
run run -q 'range 1 90000 | tee (stdout, stdout)'
exits 0
{ seq 1 90000; seq 1 90000; } | sort >expected; sort out >sorted
same expected sorted

it "cuts the file it writes to"
seq 1 1000 >target
run run -q 'range 1 2 | file target'
exits 0; seq 1 2 >expected; same expected target

it "appends, and begins on a fresh line where the last one was torn"
printf 'whole\ntorn' >target
run run -q 'range 1 2 | file target append'
exits 0; printf 'whole\ntorn\n1\n2\n' >expected; same expected target
run run -q 'range 3 3 | file target append'
exits 0; printf '3\n' >>expected; same expected target

it "appends bytes as they are"
printf 'torn' >target
run run -q 'file one | file target append'
exits 0; printf 'torna\nb' >expected; same expected target

it "appends to a file that is not there"
run run -q 'range 1 2 | file fresh append'
exits 0; seq 1 2 >expected; same expected fresh

it "syncs at the end, and in groups"
for sync in none fsync 5ms; do
	run run -q "range 1 100 | file synced sync=$sync"
	exits 0; seq 1 100 >expected; same expected synced
done

it "sends copies to all parts of a tee, in the midst and at the end"
run run -q 'range 1 100 | tee (count, file kept) | skip 98 | file rest'
exits 0; prints 100
seq 1 100 >expected; same expected kept
seq 99 100 >expected; same expected rest
run run -q 'range 1 5 | tee (file kept, stdout)'
exits 0; prints 1 2 3 4 5; same out kept

it "detaches an outlet of a tee that has had enough"
run run -q 'range 1 50 | tee (take 2 | file few, file all)'
exits 0; seq 1 2 >expected; same expected few
seq 1 50 >expected; same expected all

it "ends when all outlets of a tee have had enough"
run run -q 'range 1 9000000000 | tee (take 2 | null, take 3 | count)'
exits 0; prints 3

it "lets a tap see what passes"
run run -q 'range 1 4 | tap (skip 3 | file side) | take 2 | stdout'
exits 0; prints 1 2

it "merges sources, each in its own order"
run run -q 'merge (range 1 500, range 501 1000) | file merged'
exits 0
seq 1 1000 >expected; sort -n merged >sorted; same expected sorted
awk '$1 <= 500' merged >low; seq 1 500 >expected; same expected low
awk '$1 > 500' merged >high; seq 501 1000 >expected; same expected high

it "merges within merges, and a tee within a tee"
run run -q 'merge (range 1 2, merge (range 3 4, range 5 6 | skip 1)) | count'
exits 0; prints 5
run run -q 'range 1 3 | tee (tee (null, count), file kept)'
exits 0; prints 3; seq 1 3 >expected; same expected kept

it "goes through async boundaries and parallel stages"
run run -q --window 2 'range 1 100 | async | async window=7 | count'
exits 0; prints 100
run run -q 'range 1 100 | parallel 1 (skip 10 | take 5) | stdout'
exits 0; prints 11 12 13 14 15

it "writes to a FIFO and to a device"
mkfifo pipe
cat pipe >received &
run run -q 'range 1 5000 | file pipe'
exits 0; wait; seq 1 5000 >expected; same expected received
run run -q 'range 1 5000 | file /dev/null'
exits 0

it "reads a pipeline from a file, with comments and lines"
cat >pipeline <<-'END'
	# numbers
	range 1 10      # ten of them
	| skip 8
	| file out#1    # '#' in a word is none
END
run run -q -f pipeline
exits 0; seq 9 10 >expected; same expected 'out#1'

it "takes '#' for a word on the command line"
run run -q 'range 1 2 | file #'
exits 0; seq 1 2 >expected; same expected '#'

it "gives the same result whatever the seed of the scheduling"
for seed in 1 2 3; do
	WEIR_SEED=$seed run run -q 'merge (range 1 99, range 100 199) | count'
	exits 0; prints 199
	WEIR_SEED=$seed run run -q 'file random block=4KiB | file copy'
	exits 0; same random copy
done

it "stops after the time given, drains and exits 0"
mkfifo held
run run -q --for 10ms 'stdin | lines | count' <>held
exits 0; prints 0

it "ends quietly when the reader of standard output is gone"
for pipeline in 'range 1 9000000000 | stdout' \
	'file /dev/zero | stdout' \
	'range 1 9000000000 | tee (stdout)'; do
	"$WEIR" run -q "$pipeline" 2>err | head -c 2 >out
	code=${PIPESTATUS[0]}
	exits 0; is_quiet
done
"$WEIR" run 'range 1 9000000000 | stdout' 2>err | head -n 1 >out
code=${PIPESTATUS[0]}
exits 0; prints 1
holds "no error is said" test -z "$(grep '^weir: ' err)"

it "lets sinks of one descriptor take turns, and cuts no line"
each_twice() {
	holds "each line is there twice" [ "$(sort -n out | uniq -c |
		awk '$1 == 2' | wc -l)" = 1000000 ]
	holds "and nothing else" [ "$(wc -l <out)" = 2000000 ]
}
"$WEIR" run -q 'range 1 1000000 | tee (stdout, stdout)' | cat >out
each_twice
run run -q 'range 1 1000000 | tee (stdout, stdout)'
each_twice
rm -f out
run run -q 'range 1 1000000 | tee (file out append, file out append)'
each_twice
run run -q 'range 1 5 | tee (stdout, count)'
holds "the number is one of the lines" [ "$(sort out | xargs)" = "1 2 3 4 5 5" ]

it "refuses two that would write over each other"
for second in two ./two 'two append'; do
	run run "range 1 5 | tee (file two, file $second)"
	exits 3; once; says "is written by another stage as well"
done
run run 'range 1 5 | tee (stdout, file out)'
exits 3; once; says "file: 'out' is written by another stage as well"
run run -q 'range 1 5 | tee (file /dev/null, file /dev/null)'
exits 0

finish
