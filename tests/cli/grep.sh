# SPDX-License-Identifier: Apache-2.0
#
# 'file X | lines max=1GiB | grep P | file Y' is LC_ALL=C grep -a P X >Y, byte
# for byte, on any X.

. "$(dirname "$0")/lib.sh"

# Inputs of every kind that has broken a line tool before.
mkdir in
: >in/empty
printf '\n' >in/newline
printf '\n\n\n' >in/newlines
printf 'x' >in/one-byte
printf 'no final newline\nlast x' >in/torn
printf 'a\n\nx\n\n\nxx\n' >in/empty-lines
printf 'dos x\r\n\r\nplain x\nx\r' >in/crlf
printf 'a\0x\n\0\n\0\0x\0\nx\0' >in/nul
printf '\377\376x\n\200\n\303\251 x \303\n' >in/not-utf8
head -c 3000000 /dev/urandom >in/random
head -c 1000000 /dev/urandom | tr '\0-\177' 'x\n' >in/short-lines
{
	head -c 1048576 /dev/zero | tr '\0' a; echo x
	head -c 3145727 /dev/zero | tr '\0' b; echo
	echo x
	head -c 2097152 /dev/zero | tr '\0' x
} >in/megabytes
{
	# Lines that end just before, at and behind the edges of 256 KiB blocks.
	for at in 262143 262144 262145 4096 8191; do
		head -c $at /dev/zero | tr '\0' x
		printf '\nx\n'
	done
} >in/edges
seq 1 200000 >in/numbers

# compare PATTERN [FLAGS]: as grep has it; with FLAGS of both.
compare() {
	local pattern=$1 flags=${2-} file
	for file in in/*; do
		about="grep $flags '$pattern' on $file"
		grep -a $flags -e "$pattern" "$file" >expected
		run run -q "file $file | lines max=1GiB |
			grep $flags -- '$pattern' | file kept"
		exits 0
		same expected kept
	done
}

compare x
compare X -i
compare 'x$' -v
compare '^$'
compare '^[^x]*x[^x]*$'
compare 'a.x'
compare '.' -F

it "finds what is written as an escape"
run run -q 'file in/nul | lines | grep -F "\xff" | count'
exits 0; prints 0
run run -q 'file in/not-utf8 | lines | grep -F "\xff\xfe" | count'
exits 0; prints 1
run run -q 'file in/nul | lines | grep "\x5cx00" | count'
exits 0; prints "$(grep -acP '\x00' in/nul)"

it "gives the same through small blocks, FIFOs and standard streams"
for file in in/*; do
	about="small blocks of $file"
	grep -a x "$file" >expected
	run run -q "file $file block=4KiB | lines max=1GiB | grep x | stdout"
	exits 0; same expected out
	about="standard input from a pipe: $file"
	run run -q 'stdin | lines max=1GiB | grep x | stdout' < <(cat "$file")
	exits 0; same expected out
	about="a seeded schedule on $file"
	WEIR_SEED=7 run run -q "file $file | lines max=1GiB | grep x | stdout"
	exits 0; same expected out
done

it "ends a record at each file's end, as grep does"
grep -ah x in/torn in/crlf in/one-byte >expected
run run -q 'file in/torn in/crlf in/one-byte | lines | grep x | stdout'
exits 0; same expected out

it "passes bytes untouched that never met lines"
for file in in/*; do
	run run -q "file $file | file copy"
	exits 0; same "$file" copy
done

it "keeps all lines, and ends the last one"
for file in in/*; do
	about="all lines of $file"
	grep -a '' "$file" >expected
	run run -q "file $file | lines max=1GiB | file kept"
	exits 0; same expected kept
	run run -q "file $file | lines max=1GiB | count"
	exits 0; prints "$(grep -ac '' "$file")"
done

it "changes letters and trims blanks, in each copy by itself"
printf ' Ab\t\n\nCD' >mixed
run run -q 'file mixed | lines | tee (map upper | file upper,
	map lower | file lower, map trim | file trimmed) | stdout'
exits 0
printf ' Ab\t\n\nCD\n' >expected; same expected out
printf ' AB\t\n\nCD\n' >expected; same expected upper
printf ' ab\t\n\ncd\n' >expected; same expected lower
printf 'Ab\n\nCD\n' >expected; same expected trimmed

it "puts text in front and behind"
run run -q 'file mixed | lines | prefix "> " | suffix k=v | stdout'
exits 0; prints ">  Ab	k=v" "> k=v" "> CDk=v"

it "takes a=b and -v for a pattern where they are quoted or stand behind --"
printf 'a=b\n-v\nc\n' >odd
run run -q 'file odd | lines | grep a=b | stdout'
exits 0; prints a=b
run run -q 'file odd | lines | grep -- -v | stdout'
exits 0; prints -v
run run -q "file odd | lines | grep '-v' | stdout"
exits 0; prints -v

finish
