# SPDX-License-Identifier: Apache-2.0
#
# lib.sh - what the scripts that test the command share
#
#	it "does this"          what the next lines are about
#	run ARGUMENTS...        run weir; its streams go to the files out and err
#	start ARGUMENTS...      run weir as $pid; its output is descriptor 4
#	await                   until it ended; what it still printed is in out
#	exits 2                 its exit code
#	prints "a" "b"          all of its standard output, as lines
#	says "text"             its standard error has this text somewhere
#	says_line "text"        one line of its standard error is this one
#	is_quiet                it said nothing
#	once                    it said one thing, a report left aside
#	same FILE FILE          two files are equal, byte for byte
#	finish                  at the end: how it went
#
# A script runs in a folder of its own, which is removed at the end.

set -u
WEIR=${WEIR:?"names the command to test"}
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
ROOT=$(cd "$HERE/../.." && pwd)
FOLDER=$(mktemp -d)
# What the environment says must not decide what the tests see.
unset WEIR_IO WEIR_SEED
export LC_ALL=C
failures=0 checks=0 about="" code=""

cd "$FOLDER" || exit 1
trap 'cd / && rm -rf "$FOLDER"' EXIT

it() { about=$*; }

fail() {
	failures=$((failures + 1))
	echo "FAILED: $about: $1"
	shift
	[ $# -eq 0 ] || printf '    %s\n' "$@"
	[ ! -s err ] || head -c 2000 err | sed 's/^/    err: /'
}

# The check before: hold or fail.
holds() {
	checks=$((checks + 1))
	local what=$1
	shift
	"$@" || fail "$what"
}

run() {
	"$WEIR" "$@" >out 2>err
	code=$?
}

start() {
	[ -p output ] || mkfifo output
	"$WEIR" run "$@" >output 2>err &
	pid=$!
	exec 4<output
}

await() {
	cat <&4 >out
	exec 4<&-
	wait "$pid"
	code=$?
}

exits() {
	checks=$((checks + 1))
	[ "$code" = "$1" ] || fail "exit code $code, not $1"
}

prints() {
	checks=$((checks + 1))
	if [ $# -eq 0 ]; then
		[ ! -s out ] || fail "printed something" "$(head -n 5 out)"
		return
	fi
	printf '%s\n' "$@" >expected
	cmp -s expected out || fail "printed other lines" \
		"$(diff expected out | head -n 8)"
}

says() {
	checks=$((checks + 1))
	grep -qF -- "$1" err || fail "did not say: $1"
}

says_line() {
	checks=$((checks + 1))
	grep -qxF -- "$1" err || fail "no line is: $1"
}

is_quiet() {
	checks=$((checks + 1))
	[ ! -s err ] || fail "said something"
}

# It said one thing, whatever the report.
once() {
	checks=$((checks + 1))
	[ "$(grep -c '^weir: ' err)" = 1 ] || fail "not one message"
}

same() {
	checks=$((checks + 1))
	cmp -s "$1" "$2" || fail "$1 and $2 differ" "$(cmp "$1" "$2" 2>&1)"
}

# A query of the JSON report, the last line said, that has to be true.
report() {
	checks=$((checks + 1))
	tail -n 1 err | jq -e "$1" >/dev/null 2>&1 || fail "not so: $1"
}

# Each stage, and the total where there is one, has an end for every element.
balances() {
	report '.stages + [.total | select(has("in"))] | all(
		.in + (.created // 0) == .out + (.absorbed // 0) + .filtered +
		.dropped + .dead + (.cancelled // 0) + .unacked)'
}

finish() {
	echo "$checks checks, $failures failed"
	[ "$failures" -eq 0 ]
	exit
}
