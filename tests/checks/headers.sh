#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Each public header, alone, is C11 and C++17 to gcc and clang, twice included.

set -euo pipefail
cd "$SOURCE"
n=0
for header in weir.h actors/*.h streams/*.h operators/*.h io/*.h; do
	case $header in *_internal.h) continue ;; esac
	unit="#include \"$header\"
#include \"$header\"
extern int unit; /* export.h declares nothing */"
	for cc in gcc clang; do
		echo "$unit" | $cc -std=c11 -Wall -Wextra -Wpedantic -Werror \
			-I. -fsyntax-only -x c -
	done
	for cxx in g++ clang++; do
		echo "$unit" | $cxx -std=c++17 -Wall -Wextra -Wpedantic \
			-Werror -I. -fsyntax-only -x c++ -
	done
	n=$((n + 1))
done
echo "$n public headers: C11 and C++17, gcc and clang"
