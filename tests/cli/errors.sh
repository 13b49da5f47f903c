# SPDX-License-Identifier: Apache-2.0
#
# Wrong input: one clear message, the right exit code, nothing touched.

. "$(dirname "$0")/lib.sh"

seq 1 1000 >numbers

# Bad text: PIPELINE, what is said, and the caret's line.
refused() {
	run run "$1"
	exits 2; prints; once
	says_line "weir: $2"
	[ $# -lt 3 ] || says_line "$3"
	run check "$1"
	exits 2; prints; once
	says_line "weir: $2"
}

it "names an unknown stage and suggests one"
refused 'file numbers | lines | gerp ERROR | file out1' \
	"no stage called 'gerp'" \
	"                         ^^^^  did you mean 'grep'?  ('weir list' shows all)"
holds "nothing is created" [ ! -e out1 ]
refused 'file numbers | xylophone | null' "no stage called 'xylophone'" \
	"                 ^^^^^^^^^  'weir list' shows all"

it "suggests nothing for a stage that is not in this version"
refused 'tail numbers | stdout' "the stage 'tail' is not in this version" \
	"  ^^^^  'weir list' shows all"
refused 'range 1 2 | cut 1 | null' "the stage 'cut' is not in this version"
refused 'range 1 2 | tcp host:1' "the stage 'tcp' is not in this version"

it "points at the quote and the parenthesis that are never closed"
refused "file 'numbers | null" "the quote opened here is never closed" \
	"       ^  add the closing \"'\""
refused 'file "numbers | null' "the quote opened here is never closed" \
	"       ^  add the closing '\"'"
refused 'file numbers | tee (null, count' \
	"the '(' opened here is never closed" \
	"                     ^  add the closing ')', or quote it"
refused 'file numbers | grep a) | null' "this ')' closes nothing" \
	"                       ^  quote it, if it is part of a word"
refused 'file numbers | tee ((null)' \
	"a stage is missing before this '('"

it "misses a stage"
refused '' "the pipeline is empty"
refused '   ' "the pipeline is empty"
refused '| null' "a stage is missing before this '|'"
refused 'range 1 2 | | null' "a stage is missing before this '|'"
refused 'range 1 2 |' "a stage is missing at the end"
refused 'range 1 2 | tee (,null)' "a stage is missing before this ','"
refused 'range 1 2 | tee ()' "a stage is missing before this ')'"
refused 'range 1 2' "a pipeline needs a sink" \
	"           ^  end with a sink, as '| stdout'"

it "has a stage where it cannot stand"
refused 'null | null' "'null' is a sink and needs input"
refused 'take 1 | null' "'take' is an operator and needs input"
refused 'range 1 2 | range 1 2 | null' \
	"'range' is a source: it can only begin a pipeline"
refused 'range 1 2 | null | null' \
	"'null' is a sink: it can only end a pipeline"
refused 'range 1 2 | take 1' \
	"'take' is an operator, and its output goes nowhere"

it "has a word too many or too few"
refused 'range 1 | null' "'range' needs one more word: last"
refused 'range 1 2 3 | null' "range: the word '3' is one too many"
refused 'stdin here | null' "'stdin' takes no words, and here is 'here'"
refused 'range 1 2 | tee | null' "'tee' needs stages in parentheses"
refused 'range 1 2 | take 1 (null) | null' \
	"'take' takes nothing in parentheses"
refused 'range 1 2 | parallel 2 (take 1, take 2) | null' \
	"'parallel' takes no more than 1 part in parentheses"

it "is given a value without its key, or what is so anyway"
refused 'range 1 2 | async 5 | null' "'async' takes no words, and here is '5'" \
	"                    ^  did you mean 'window=5'?"
refused 'stdin here | null' "'stdin' takes no words, and here is 'here'" \
	"        ^^^^"
refused 'range 1 2 | parallel 2 ordered (take 1) | null' \
	"parallel: the word 'ordered' is one too many" \
	"                         ^^^^^^^  leave it out: it is, unless it is 'unordered'"
refused 'range 1 2 | parallel 2 unorderd (take 1) | null' \
	"parallel: the word 'unorderd' is one too many" \
	"                         ^^^^^^^^  did you mean 'unordered'?"

it "is to make copies of what cannot have them"
refused 'file numbers | parallel 2 (lines) | null' \
	"'parallel' cannot deal out raw bytes" \
	"                 ^^^^^^^^  frame first: put 'lines' before it"
refused 'range 1 2 | parallel 2 (parallel 2 (map upper)) | null' \
	"'parallel' cannot be within a 'parallel' that keeps the order"
refused 'range 1 2 | parallel 0 (map upper) | null' \
	"parallel: '0' is out of range" "                       ^  'n' is from 1 to 1024"
refused 'range 1 2 | parallel 1k unordered (parallel 1k (map upper)) | null' \
	"with all its copies the pipeline has more than 16384 stages"

it "has a parenthesis or a keyword that is to be quoted, or not"
refused 'range 1 2 | grep (a) | null' "'grep' takes nothing in parentheses" \
	"                   ^^^  quote it, if it is part of a word"
refused "range 1 2 | file out1 'append'" \
	"file: the word 'append' is one too many" \
	"                        ^^^^^^^^  write it without quotes, if it is the option"

it "has an option that is unknown, given twice or out of range"
refused 'file numbers blok=4KiB | null' "'file' has no option 'blok'" \
	"               ^^^^  did you mean 'block'?"
refused 'file numbers block=4KiB block=8KiB | null' \
	"file: 'block' is given twice"
refused 'range 1 2 | file x sync=fsync sync=5ms' "file: 'sync' is given twice"
refused 'range 1 2 | file x sync=5ms sync=none' "file: 'sync' is given twice"
refused 'file numbers block=1 | null' "file: '1' is out of range" \
	"                     ^  'block' is from 4KiB to 64MiB"
refused 'file numbers block=2GiB | null' "file: '2GiB' is out of range"
refused 'file numbers repeat=0 | null' "file: '0' is out of range"
refused 'file numbers block=4parsec | null' \
	"file: '4parsec' is not a size" \
	"                     ^^^^^^^  a size is written as 4096, 64KiB, 1GiB or 10M"
refused 'range 1 2 | take -1 | null' "take: '-1' is not a count"
refused 'range 1 x | null' "range: 'x' is not a number"
refused 'range 1 99999999999999999999 | null' \
	"range: '99999999999999999999' is too large"
refused 'range 1 2 | async window=0 | null' "async: '0' is out of range"
refused 'range 1 2 | file x append=1' "file: 'append' takes no value"
refused 'stdin | lines max=0 | null' "lines: '0' is out of range"
refused 'stdin | lines | map uper | null' \
	"map: 'uper' is none of its choices" \
	"                      ^^^^  did you mean 'upper'?"
refused 'stdin | lines | grep -x a | null' "'grep' has no flag -x"
refused 'range 1 2 | file x sync=often' "file: 'often' is none of its choices"
says 'choose one of none, fsync; a time is written as 500us'
refused 'range 1 2 | file x sync=0ms' "file: '0ms' is out of range"

it "has a pattern that does not compile, and points at the byte"
run run 'stdin | lines | grep '\''ab[c'\'' | null' </dev/null
exits 2; once; says "grep: the pattern does not compile"
says_line "                             ^"
run run 'stdin | lines | grep "a\x28b" | null' </dev/null
exits 2; once; says "grep: the pattern does not compile"
run run -q "stdin | lines | grep -F 'ab[c' | count" </dev/null
exits 0; prints 0

it "puts a line operator on raw bytes, or frames twice"
refused 'file numbers | grep x | null' \
	"'grep' works on lines, and 'file' gives raw bytes" \
	"                 ^^^^  put 'lines' before it"
refused 'range 1 2 | lines | null' \
	"'lines' works on raw bytes, and 'range' gives lines" \
	"              ^^^^^  leave it out: they are lines already"
refused 'merge (file numbers, range 1 2) | null' \
	"'merge' cannot join raw bytes" \
	"         ^^^^^^^^^^^^  frame first: merge (file a | lines, file b | lines)"

it "says which file and line of a pipeline is wrong"
printf 'range 1 2\n# all of them\n| gerp\n| null\n' >pipeline
run check -f pipeline
exits 2; once; says_line "weir: pipeline:3: no stage called 'gerp'"
says_line "    ^^^^  did you mean 'grep'?  ('weir list' shows all)"
run check -f missing
exits 2; once
says_line "weir: cannot read the pipeline 'missing': No such file or directory"
run check -f .
exits 2; once; says "cannot read the pipeline '.': Is a directory"

it "cannot open a source"
mkdir folder
ln -s loop loop
while read -r path why; do
	run run "file $path | lines | file out2"
	exits 3; prints; once
	says "file: cannot open '$path': $why"
	says_line "       $(printf '%*s' ${#path} '' | tr ' ' '^')"
	holds "no output was created" [ ! -e out2 ]
done <<-END
	missing No such file or directory
	numbers/x Not a directory
	loop Too many levels of symbolic links
END
run run 'file folder | null'
exits 3; once; says "file: cannot read 'folder': it is a folder"
run run 'file numbers missing | file out2'
exits 3; once; says "cannot open 'missing'"
holds "no output was created" [ ! -e out2 ]
run run 'merge (range 1 2, file missing | lines) | file out2'
exits 3; once; holds "no output was created" [ ! -e out2 ]
run run 'stdin | null' <folder
exits 3; once; says "stdin: cannot read standard input: it is a folder"

it "leaves an output as it was when a source is missing"
cp numbers kept
run run 'merge (file numbers | lines, file missing | lines) | file kept'
exits 3; same numbers kept

it "keeps its files apart from standard streams that are closed"
"$WEIR" run 'file numbers | file kept' 2>&-
code=$?
: >err
exits 0; same numbers kept
"$WEIR" run 'file missing | file kept' 2>&-
code=$?
exits 3; same numbers kept
"$WEIR" run 'range 1 2 | stdout' >&- 2>err
code=$?
exits 1; once
says "stdout: cannot write to standard output: Bad file descriptor"
"$WEIR" run -q 'stdin | null' <&- 2>err
code=$?
exits 1; once; says "stdin: cannot read standard input: Bad file descriptor"

it "cannot read a file without permission"
echo secret >secret
chmod 000 secret
# Root may read anything: become somebody else, with a command within reach.
as=()
if [ "$(id -u)" = 0 ]; then
	chmod 755 .
	as=(setpriv --reuid 65534 --regid 65534 --clear-groups)
fi
cp "$WEIR" weir
"${as[@]}" ./weir run 'file secret | null' >out 2>err
code=$?
exits 3; once; says "cannot open 'secret': Permission denied"
if [ "$(id -u)" = 0 ]; then
	"${as[@]}" ./weir run 'range 1 2 | file created' >out 2>err
	code=$?
	exits 3; once; says "cannot open 'created': Permission denied"
fi

it "cannot open a sink"
run run 'range 1 2 | file folder'
exits 3; once; says "file: cannot open 'folder': Is a directory"
run run 'range 1 2 | file missing/out'
exits 3; once; says "file: cannot open 'missing/out'"
run run 'range 1 2 | file numbers/out'
exits 3; once; says "file: cannot open 'numbers/out': Not a directory"

it "refuses an output that is also an input, however it is named"
ln numbers hard
ln -s numbers soft
cp numbers before
for path in numbers ./numbers hard soft; do
	run run "file numbers | file $path"
	exits 3; once; says "file: '$path' is also an input"
	run run "file numbers | lines | file $path append"
	exits 3; once; says "file: '$path' is also an input"
done
run run 'file folder/../before numbers | file numbers'
exits 3; once; says "is also an input"
run run 'stdin | file numbers append' <numbers
exits 3; once; says "is also an input"
"$WEIR" run 'file numbers | stdout' >>numbers 2>err
code=$?
exits 3; once; says "stdout: standard output is also an input"
run run 'file numbers | tee (null, file numbers)'
exits 3; once; says "is also an input"
same before numbers

it "has no room on the device, and names the stage"
run run 'range 1 100000 | file /dev/full'
exits 1; once
says "file: cannot write to '/dev/full': No space left on device"
says "failed after"
"$WEIR" run 'range 1 10 | stdout' >/dev/full 2>err
code=$?
exits 1; once
says "stdout: cannot write to standard output: No space left on device"
"$WEIR" list >/dev/full 2>err
code=$?
exits 1; once
says "cannot write to standard output: No space left on device"

it "is given a memory option too small for the graph"
run run --memory 32KiB 'file numbers | file out3'
exits 2; once; says "memory"; says "^  --memory gives it more"
run run --memory 10KiB 'file numbers | file out3'
exits 2; says "needs a block of 8192 bytes, which with what belongs to it"
run run --memory 1 'range 1 2 | stdout'
exits 2; once; says "memory"; says "^  --memory gives it more"
run run --memory 2MiB 'file numbers block=16MiB | count'
exits 2; once; says "memory"; says "^  --memory gives it more"

it "is given too little memory for its boundaries, or just enough"
run run --memory 200KiB 'range 1 90000 | parallel 64 (prefix a) | count'
exits 2; once; says "^  --memory gives it more, a smaller --window needs less"
run run -q --memory 1MiB --window 1G 'range 1 90000 | async | async | count'
exits 0; prints 90000
run run -q --memory 1MiB --window 16 'range 1 90000 |
	parallel 8 (prefix a) | count'
exits 0; prints 90000

it "runs where the memory option is just large enough"
run run -q --memory 4MiB 'file numbers | lines | file out3'
exits 0; same numbers out3

it "says why io_uring cannot be used"
if command -v strace >/dev/null; then
	ASAN_OPTIONS=detect_leaks=0 strace -f -o /dev/null \
		-e inject=io_uring_setup:error=EPERM \
		"$WEIR" run 'file numbers | null' >out 2>err
	code=$?
	exits 3; once; says "cannot use io_uring: it is forbidden here"
fi

finish
