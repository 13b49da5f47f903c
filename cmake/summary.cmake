# SPDX-License-Identifier: Apache-2.0
#
# What was found, and what goes without.

function(weir_tool name what)
	find_program(WEIR_TOOL_${name} ${name})
	mark_as_advanced(WEIR_TOOL_${name})
	if(WEIR_TOOL_${name})
		message(STATUS "  ${name}: yes")
	else()
		message(STATUS "  ${name}: no (${what})")
	endif()
endfunction()

message(STATUS "Weir ${PROJECT_VERSION}, ${CMAKE_BUILD_TYPE}"
	" by ${CMAKE_C_COMPILER_ID} ${CMAKE_C_COMPILER_VERSION}")
message(STATUS "  liburing ${URING_VERSION}, PCRE2 ${PCRE2_VERSION},"
	" jansson ${JANSSON_VERSION}")
weir_tool(hyperfine "the benches of whole programs will not run")
weir_tool(jq "the tests of --json will not run")
weir_tool(clang-format "the check of the format will not run")
if(WEIR_SANITIZE)
	message(STATUS "  sanitizers: ${WEIR_SANITIZE}")
endif()
