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
weir_tool(hyperfine "./dev bench needs it")
weir_tool(gnuplot "./dev bench draws no latencies")
weir_tool(valgrind "./dev bench --instructions needs it")
weir_tool(jq "the tests of --json need it")
weir_tool(strace "that a refused io_uring is told is not tested")
weir_tool(clang "the test 'compile' needs it")
weir_tool(g++ "the test 'compile' needs it")
weir_tool(clang-format "the check of the format needs it")
if(WEIR_BENCH AND NOT WEIR_CK_INCLUDE)
	message(STATUS "  ck: no (the benches go without that peer)")
endif()
if(WEIR_SANITIZE)
	message(STATUS "  sanitizers: ${WEIR_SANITIZE}")
endif()
