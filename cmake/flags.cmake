# SPDX-License-Identifier: Apache-2.0
#
# How everything here is compiled and linked.

if(NOT CMAKE_BUILD_TYPE)
	set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()
set(CMAKE_C_FLAGS_RELEASE "-O2 -g")
set(CMAKE_C_FLAGS_DEBUG "-Og -g3")
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
if(CMAKE_BUILD_TYPE STREQUAL "Release")
	add_compile_definitions(NDEBUG)
endif()

include(CheckPIESupported)
check_pie_supported(LANGUAGES C)

function(weir_flags target)
	target_compile_features(${target} PRIVATE c_std_17)
	set_target_properties(${target} PROPERTIES
		C_EXTENSIONS OFF C_VISIBILITY_PRESET hidden)
	target_compile_definitions(${target} PRIVATE _GNU_SOURCE)
	target_include_directories(${target} PRIVATE
		${PROJECT_SOURCE_DIR} ${PROJECT_BINARY_DIR}/include)
	target_compile_options(${target} PRIVATE
		-Wall -Wextra -Wpedantic -Wshadow -Wconversion
		-Wstrict-prototypes -Wmissing-prototypes -Wvla
		-Wformat -Werror=format-security
		$<$<BOOL:${WEIR_WERROR}>:-Werror>
		-fno-semantic-interposition -fstack-protector-strong
		-fstack-clash-protection -fcf-protection)
	if(WEIR_FUZZ) # let libFuzzer see which branches are taken
		target_compile_options(${target} PRIVATE
			-fsanitize=fuzzer-no-link)
	endif()
	if(WEIR_SANITIZE)
		target_compile_options(${target} PRIVATE
			-fsanitize=${WEIR_SANITIZE} -fno-omit-frame-pointer
			-fno-sanitize-recover=all)
	elseif(CMAKE_BUILD_TYPE STREQUAL "Release")
		# Undefined first: some compilers bring one of their own.
		target_compile_options(${target} PRIVATE
			-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
	endif()
endfunction()

# What a final link gets: an executable or a shared library.
function(weir_link_flags target)
	target_link_options(${target} PRIVATE -Wl,-z,relro -Wl,-z,now
		-Wl,--as-needed)
endfunction()

if(WEIR_SANITIZE)
	add_link_options(-fsanitize=${WEIR_SANITIZE})
endif()
