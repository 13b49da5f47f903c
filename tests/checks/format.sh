#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Every source is laid out by .clang-format and says its licence.

set -euo pipefail
cd "$SOURCE"
mapfile -t files < <(git ls-files '*.c' '*.h')
clang-format --dry-run -Werror "${files[@]}"
for file in "${files[@]}"; do
	head -n 2 "$file" | grep -q 'SPDX-License-Identifier: Apache-2.0' ||
		{ echo "no licence line: $file" >&2; exit 1; }
done
echo "${#files[@]} sources in the one format, with their licence"
