# SPDX-License-Identifier: Apache-2.0
#
# The line of progress, on a terminal that script(1) makes.

. "$(dirname "$0")/lib.sh"

if ! command -v script >/dev/null; then
	echo "there is no script(1) here, and so no terminal to look at"
	exit 0
fi

mkfifo fed terminal

# Run weir with OPTION on a terminal, whose output is descriptor 4; it reads
# what is written to descriptor 3.
watch() {
	script -qec "'$WEIR' run $1 'file fed | null'" /dev/null \
		</dev/null >terminal &
	pid=$!
	exec 4<terminal 3>fed
	printf 'abc' >&3
}

# End the input; what else the terminal shows is in the file out.
await() {
	exec 3>&-
	cat <&4 >out
	exec 4<&-
	wait $pid
	code=$?
}

it "draws one line while input is awaited, and erases it before the report"
watch ""
# The line begins with a return and ends by clearing what was there before.
IFS= read -r -d $'\r' -u 4 before
IFS= read -r -d K -u 4 line
await
exits 0
holds "nothing stands before it" [ -z "$before" ]
holds "amount and rate, not '$line'" test -n \
	"$(printf %s "$line" | grep -E '^3 B, [0-9]+ B/s')"
holds "it is erased last" test -n \
	"$(tr '\r' '\n' <out | grep -F $'\033[K' | tail -n 1 |
		grep -E $'^\033\\[Kdone after')"

it "draws nothing with -q"
watch -q
await
exits 0; prints

finish
