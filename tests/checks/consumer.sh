#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Installed under a DESTDIR and under a prefix, the library is found by
# pkg-config and by find_package, static and shared, and a program runs.

set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

DESTDIR=$work/dest cmake --install "$BUILD" --prefix /usr >/dev/null
for file in bin/weir include/weir/weir.h include/weir/streams/graph.h \
	share/man/man1/weir.1 share/bash-completion/completions/weir; do
	[ -e "$work/dest/usr/$file" ] ||
		{ echo "not installed: $file" >&2; exit 1; }
done
if find "$work/dest" -name '*_internal.h' | grep .; then
	echo "a private header was installed" >&2
	exit 1
fi

# The same tree, built for a prefix of its own.
cmake -S "$SOURCE" -B "$work/build" -G Ninja -DWEIR_TESTS=OFF \
	-DWEIR_BENCH=OFF -DWEIR_EXAMPLES=OFF \
	-DCMAKE_INSTALL_PREFIX="$work/prefix" >/dev/null
cmake --build "$work/build" >/dev/null
cmake --install "$work/build" >/dev/null

cat >"$work/main.c" <<'END'
#include <weir/weir.h>

#include <stdio.h>

WEIR_MAP(triple, int64_t, x, int64_t) { return x * 3; }
WEIR_FOLD(sum, int64_t, x, int64_t, total) { return total + x; }

int
main(void)
{
	struct weir_graph *g = weir_graph_create(NULL);
	struct weir_error error;
	int64_t total = 0;

	sum(triple(weir_from_range(g, 1, 100, NULL), NULL), &total, NULL);
	if (weir_graph_run(g, &error) < 0)
		fprintf(stderr, "%s: %s\n", error.stage, error.text);
	weir_graph_destroy(g);
	return total == 15150 ? 0 : 1;
}
END

libdir=$(dirname "$(find "$work/prefix" -name weir.pc)")
export PKG_CONFIG_PATH=$libdir
# shellcheck disable=SC2046
gcc "$work/main.c" $(pkg-config --cflags --libs weir) \
	-Wl,-rpath,"$(dirname "$libdir")" -o "$work/shared"
"$work/shared"
# shellcheck disable=SC2046
gcc "$work/main.c" $(pkg-config --cflags weir) "$(dirname "$libdir")/libweir.a" \
	$(pkg-config --static --libs-only-l weir | sed 's/-lweir//') \
	-o "$work/static"
"$work/static"

mkdir "$work/user"
cp "$work/main.c" "$work/user/"
cat >"$work/user/CMakeLists.txt" <<'END'
cmake_minimum_required(VERSION 3.25)
project(user C)
find_package(weir 0.1 REQUIRED)
add_executable(user main.c)
target_link_libraries(user weir::weir)
add_executable(user_static main.c)
target_link_libraries(user_static weir::static)
END
cmake -S "$work/user" -B "$work/user/build" -G Ninja \
	-DCMAKE_PREFIX_PATH="$work/prefix" >/dev/null
cmake --build "$work/user/build" >/dev/null
"$work/user/build/user"
"$work/user/build/user_static"

# A project of a user's own, with its own operator and an actor.
cp -r "$SOURCE/examples/outside" "$work/outside"
cmake -S "$work/outside" -B "$work/outside/build" -G Ninja \
	-DCMAKE_PREFIX_PATH="$work/prefix" >/dev/null
cmake --build "$work/outside/build" >/dev/null
"$work/outside/build/average" >"$work/by_cmake"
make -s -C "$work/outside" \
	LDFLAGS="-Wl,-rpath,$(dirname "$libdir")" CFLAGS=-Werror
"$work/outside/average" >"$work/by_make"
cmp "$work/by_cmake" "$work/by_make"
echo "an installed consumer builds and runs: pkg-config, find_package, both kinds"
