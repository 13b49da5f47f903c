# SPDX-License-Identifier: Apache-2.0
#
# The manual leaves nothing out, and its examples do what it says.

. "$(dirname "$0")/lib.sh"

# The example number $1, as a shell would get it.
example() {
	awk -v wanted="$1" '
		/^\.EX/ { n++; inside = 1; next }
		/^\.EE/ { inside = 0 }
		inside && n == wanted' "$ROOT/docs/weir.1" |
		sed "s/\\\\(aq/'/g; s/\\\\-/-/g"
}

mkdir bin
ln -s "$WEIR" bin/weir
PATH=$FOLDER/bin:$PATH
printf 'ERROR one\nfine x\nERROR two\n' >a.log
printf 'from b\n' >b.log

# Run example number $1.
show() {
	example "$1" >script
	holds "an example number $1" [ -s script ]
	bash script <a.log >out 2>err
	code=$?
}

it "keeps what matches and counts it"
show 1
exits 0; prints 2
printf 'ERROR one\nERROR two\n' >expected; same expected kept

it "takes what does not match of standard input"
show 2
exits 0; prints "fine x"; is_quiet

it "joins two files"
show 3
exits 0
sort a.log b.log >expected; sort all >sorted; same expected sorted

it "shows what was lost"
show 4
exits 0; prints 0

it "keeps the order of what copies found"
show 5
exits 0; is_quiet
printf 'error two\n' >expected; same expected found

it "does two things at once"
show 6
exits 0; prints 2; is_quiet

it "draws"
show 7
exits 0
holds "stages from top to bottom" grep -q '^`-- null' out
holds "a graph" grep -q '^digraph' graph.dot
holds "no example is left" test -z "$(example 8)"

# Whether the manual has the word $1, written plainly.
documents() {
	sed 's/\\f[BRI]//g; s/\\-/-/g' "$ROOT/docs/weir.1" |
		grep -qE "(^|[][ (])$1([]=, ]|$)"
}

it "has every stage and option there is"
"$WEIR" list >list
for word in $(sed -n 's/^  \([a-z]*\)[ (].*/\1/p' list) \
	$(grep -oE '\[[a-z-]+' list | tr -d '[' | sort -u) \
	$("$WEIR" -h | grep -oE '^  --?[A-Za-z]+'); do
	holds "$word is in the manual" documents "$word"
done

it "has every exit code and variable"
for word in 0 1 2 3 130 WEIR_IO WEIR_SEED; do
	holds "$word is in the manual" documents "$word"
done

finish
