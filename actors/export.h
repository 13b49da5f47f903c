/* SPDX-License-Identifier: Apache-2.0 */
/*
 * export.h - what a public symbol of Weir looks like
 *
 * The library is built with hidden visibility; WEIR_API marks what a program
 * may call.  WEIR_BEGIN and WEIR_END wrap the declarations of every public
 * header, so that it can be read as C++ too.
 */
#ifndef WEIR_ACTORS_EXPORT_H
#define WEIR_ACTORS_EXPORT_H

#define WEIR_VERSION "0.1.0"
#define WEIR_VERSION_MAJOR 0
#define WEIR_VERSION_MINOR 1
#define WEIR_VERSION_PATCH 0

#define WEIR_API __attribute__((visibility("default")))
#define WEIR_UNUSED __attribute__((unused))
#define WEIR_PRINTF(text, first)                                               \
	__attribute__((__format__(__printf__, text, first)))

#ifdef __cplusplus
#define WEIR_BEGIN extern "C" {
#define WEIR_END }
#define WEIR_ALIGNOF(T) alignof(T)
#define WEIR_STATIC_ASSERT(condition, text) static_assert(condition, text)
#define WEIR_STRICT
#else
#define WEIR_BEGIN
#define WEIR_END
#define WEIR_ALIGNOF(T) _Alignof(T)
#define WEIR_STATIC_ASSERT(condition, text) _Static_assert(condition, text)
/* From here on a pointer of a wrong type is an error, where C only warns. */
#define WEIR_STRICT                                                            \
	_Pragma("GCC diagnostic error \"-Wint-conversion\"") _Pragma(          \
		"GCC diagnostic error \"-Wincompatible-pointer-types\"")
#endif

#endif /* WEIR_ACTORS_EXPORT_H */
