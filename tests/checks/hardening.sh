#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# What a distribution asks of a binary: it can be moved, its relocations are
# read-only, its stack cannot be run and is watched, libc checks its buffers.

set -euo pipefail

# $1 is said of $file unless the output of readelf $2 has a line like $3.
needs() {
	readelf -W "$2" "$file" 2>/dev/null | grep -E "$3" >/dev/null || {
		echo "$file: $1" >&2
		exit 1
	}
}

for file in "$BUILD/weir" "$BUILD/libweir.so"; do
	needs "cannot be moved" -h 'Type: +DYN'
	needs "relocations stay writable" -l 'GNU_RELRO'
	needs "is bound lazily" -d 'BIND_NOW'
	needs "the stack can be run" -l 'GNU_STACK.* RW '
	needs "the stack is not watched" -s '__stack_chk_fail'
	needs "libc does not check its buffers" -s '__v?snprintf_chk'
done
for file in "$BUILD/weir" "$BUILD/libweir.so"; do
	[ "$(objdump -d "$file" | grep -c endbr64)" -gt 100 ] || {
		echo "$file: indirect branches land anywhere" >&2
		exit 1
	}
done
echo "the command and the library are built as a distribution would"
