#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# The shared library exports weir_* and nothing else, and only what a public
# header declares.

set -euo pipefail
library=$BUILD/libweir.so
exported=$(nm -D --defined-only "$library" | awk '$2 != "A" { print $3 }' |
	sed 's/@.*//' | sort -u)
other=$(grep -v '^weir_' <<<"$exported" || true)
[ -z "$other" ] || { echo "exported, and not weir_*: $other" >&2; exit 1; }
cd "$SOURCE"
public=$(ls weir.h actors/*.h streams/*.h operators/*.h io/*.h |
	grep -v _internal.h)
for symbol in $exported; do
	# shellcheck disable=SC2086
	grep -qw "$symbol" $public || {
		echo "exported, and in no public header: $symbol" >&2
		exit 1
	}
done
readelf -d "$OLDPWD/$library" 2>/dev/null | grep -q 'SONAME.*libweir.so.0' ||
	readelf -d "$library" | grep -q 'SONAME.*libweir.so.0'
echo "$(wc -w <<<"$exported") symbols exported, each in a public header"
