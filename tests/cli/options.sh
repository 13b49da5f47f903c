# SPDX-License-Identifier: Apache-2.0
#
# The command line, and what the environment asks for.

. "$(dirname "$0")/lib.sh"

# Bad arguments: exit 2 and one message; $1 is what it says.
refused() {
	local message=$1
	shift
	run "$@"
	exits 2; prints; once; says_line "weir: $message"
}

it "needs a command, and suggests one"
refused "what shall be done? as weir run PIPELINE"
refused "no command called 'rum'" rum x
says_line "  did you mean 'run'?  ('weir -h' shows all)"
refused "no command called 'bench'" bench
says_line "  the commands are run, check, graph and list  ('weir -h' says more)"
refused "no command called 'explain'" explain
refused "no command called '-q'" -q run 'range 1 2 | null'

it "needs one pipeline"
for verb in run check graph; do
	refused "'$verb' needs a pipeline, or -f FILE" $verb
	refused "'$verb' takes a pipeline or -f FILE, not both" \
		$verb -f x 'range 1 2 | null'
	refused "one word too many: '|'" $verb 'range 1 2' '|' null
done
refused "one word too many: 'grep'" list file grep

it "has no option of that name"
refused "'run' has no option '--jsom'" run --jsom 'range 1 2 | null'
says_line "  did you mean '--json'?"
refused "'run' has no option '-x'" run -x 'range 1 2 | null'
refused "'run' has no option '-x'" run -qx 'range 1 2 | null'
refused "'list' takes no option '-w'" list -w 1
refused "'graph' takes no option '--for'" graph --for 1s 'range 1 2 | null'
refused "'run' takes no option '--as'" run --as dot 'range 1 2 | null'
refused "'--memory' needs a value behind it" run 'range 1 2 | null' --memory
refused "'-w' needs a value behind it" run 'range 1 2 | null' -w
refused "'--json=yes': it takes no value" run --json=yes 'range 1 2 | null'

it "has a value that is none"
refused "-w: '0' is out of range" run -w 0 'range 1 2 | null'
says_line "  '-w' is from 1 to 56"
for n in 57 1M 99999999999999999999; do
	run run -w $n 'range 1 2 | null'
	exits 2; prints; once; says "-w: '$n' is "
	says_line "  '-w' is from 1 to 56"
done
refused "-w: 'two' is not a count" run -w two 'range 1 2 | null'
refused "--window: '0' is out of range" run --window 0 'range 1 2 | null'
refused "--memory: '0' is out of range" run --memory 0 'range 1 2 | null'
refused "--memory: '12XB' is not a size" run --memory 12XB 'range 1 2 | null'
refused "--for: '5' is not a time" run --for 5 'range 1 2 | null'
refused "--for: '0s' is out of range" run --for 0s 'range 1 2 | null'
refused "--as: 'svg' is none of its choices" graph --as svg 'range 1 2 | null'

it "refuses dead letters in this version"
refused "--dead: dead letters are not in this version" \
	run --dead x 'range 1 2 | null'
holds "nothing is created" [ ! -e x ]

it "takes options before and behind the pipeline"
run run 'range 1 2 | stdout' -q -w 1 --memory=8MiB --window 5 --for 1h
exits 0; prints 1 2; is_quiet
run run -q -- 'range 1 2 | stdout'
exits 0; prints 1 2

it "checks with -n as with check, and says nothing"
run run -n 'range 1 2 | file created'
exits 0; prints; is_quiet
run check 'file missing | lines | file created'
exits 0; prints; is_quiet
holds "nothing is created" [ ! -e created ]

it "knows its backends"
WEIR_IO=uring run run -q 'range 1 2 | stdout'
exits 0; prints 1 2
WEIR_IO=epoll run run 'range 1 2 | file created'
exits 3; prints
says_line "weir: WEIR_IO: the backend 'epoll' is not in this version"
holds "one line" [ "$(wc -l <err)" = 1 ]
WEIR_IO=kqueue run run 'range 1 2 | file created'
exits 2; once; says_line "weir: WEIR_IO: there is no backend 'kqueue'"
holds "nothing is created" [ ! -e created ]

it "takes a number above 0 for a seed"
for seed in 0 x -1 99999999999999999999; do
	WEIR_SEED=$seed run run 'range 1 2 | file created'
	exits 2; once; says "WEIR_SEED: '$seed'"
done
WEIR_SEED=18446744073709551615 run run -q 'range 1 2 | stdout'
exits 0; prints 1 2

it "says what it is made of"
for option in -V --version; do
	run $option
	exits 0; is_quiet
	holds "version" grep -qE '^weir [0-9]+\.[0-9]+\.[0-9]+$' out
	holds "liburing" grep -qE '^liburing [0-9.]+, PCRE2 [0-9.]+, ' out
	holds "the kernel's features" grep -qE '^io_uring setup: .' out
done

it "prints its usage"
run -h
exits 0; is_quiet
holds "usage" grep -q '^usage: weir run' out
for verb in run check graph list; do
	run $verb --help
	exits 0; is_quiet
	holds "usage" grep -q '^usage: weir run' out
done

it "draws the graph that would run"
pipeline='file a | lines | tee (grep x | count, file b)'
run graph "$pipeline"
exits 0; is_quiet
holds "a node for each stage" [ "$(grep -c label=.*shape out)" = 3 ]
holds "types on the edges" grep -q 's0 -> s1 \[label="bytes"\]' out
run graph --as mermaid "$pipeline"
exits 0; is_quiet
holds "an edge" grep -q 's0 --> s1' out
holds "the first line" [ "$(head -n 1 out)" = "flowchart LR" ]
run graph "$pipeline" --as ascii
exits 0; is_quiet
prints 'file a' '|' 'lines' '|' 'tee' '+-- grep x' '|   |' '|   count' \
	'`-- file b'
run graph --as ascii 'merge (range 1 2 | take 1, range 3 4) | null'
prints 'merge' '+-- range 1 2' '|   |' '|   take 1' '+-- range 3 4' '|' 'null'

it "draws boundaries as broken lines, with their window where there is room"
run graph --window 99 'range 1 2 | async | async window=5 | null'
exits 0
holds "one that says nothing" grep -q 'label="record\\n99", style=dashed' out
holds "one that says its window" grep -q 'record\\n5", style=dashed' out
holds "a box for each island" [ "$(grep -c 'subgraph cluster' out)" = 3 ]
run graph --as mermaid 'range 1 2 | async | null'
holds "dotted" grep -qF 's1 -.-> s2' out
holds "and plain ones" grep -qF 's0 --> s1' out
run graph --as ascii 'range 1 2 | async | null'
prints 'range 1 2' ':' 'async' '|' 'null'

finish
