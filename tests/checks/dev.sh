#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# ./dev run keeps the tests of the build it shares with ./dev test, and leaves
# nothing in the tree.

set -euo pipefail
cd "$SOURCE"
before=$(git status --porcelain)
tests() { ctest --preset release -N | sed -n 's/^Total Tests: //p'; }
count=$(tests)
./dev run >/dev/null
[ "$(tests)" = "$count" ] || {
	echo "of $count tests ./dev run left $(tests)" >&2
	exit 1
}
[ "$(git status --porcelain)" = "$before" ] || {
	echo "./dev run left something:" >&2
	git status --short >&2
	exit 1
}
echo "./dev run leaves the tests and the tree as they were"
