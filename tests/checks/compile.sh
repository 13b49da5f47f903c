#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Compiles the programs of tests/compile by both compilers in each language.
# A wrong one must be refused, the first error at the line it marks with
# "error" (or, where gcc can only point at the pasted name of a type, with that
# line, marked "note", named as the macro's place); a right one must pass
# without a warning.

set -euo pipefail
cd "$SOURCE"
warnings="-Wall -Wextra -Wpedantic -Wshadow -Wconversion"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
passed=0 failed=0

# Compile $1 by the command in the rest; say what is wrong.
check() {
	local file=$1 line first rc=0
	shift
	"$@" -fsyntax-only -I "$BUILD/include" "$file" >"$log" 2>&1 || rc=$?
	case $file in
	*/right_*)
		[ $rc = 0 ] && [ ! -s "$log" ] && return
		;;
	*)
		line=$(grep -nE '/\* (error|note) \*/' "$file" | cut -d: -f1)
		first=' error:'
		grep -q '/\* note \*/' "$file" && first="^$file.* (error|note):"
		first=$(grep -E -m 1 "$first" "$log") || first=none
		[ $rc != 0 ] && [[ $first == "$file:$line:"* ]] && return
		;;
	esac
	echo "FAILED: $*: $file${line:+, expected an error in line $line}"
	cat "$log"
	return 1
}

run() {
	if check "$@"; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
	fi
}

for file in tests/compile/*.c; do
	for language in c11 c17; do
		for compiler in gcc clang; do
			run "$file" $compiler -std=$language $warnings
		done
	done
	for compiler in g++ clang++; do
		run "$file" $compiler -x c++ -std=c++17 $warnings
	done
done
echo "$passed passed, $failed failed"
[ $failed = 0 ] && [ $passed -gt 0 ]
