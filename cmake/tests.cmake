# SPDX-License-Identifier: Apache-2.0
#
# Tests, found by their names: tests/test_*.c is a cmocka program each,
# tests/fuzz_*.c a fuzzer (replayed over a bounded corpus here), tests/cli/*.sh
# a script that runs the command.

pkg_check_modules(CMOCKA REQUIRED IMPORTED_TARGET cmocka)

file(GLOB SUPPORT CONFIGURE_DEPENDS tests/support/*.c)
list(REMOVE_ITEM SUPPORT ${PROJECT_SOURCE_DIR}/tests/support/fuzz_main.c)
add_library(weir_support STATIC ${SUPPORT}
	${PROJECT_SOURCE_DIR}/cmake/empty.c)
weir_flags(weir_support)
target_link_libraries(weir_support PUBLIC
	weir_cli weir_static bench_support PkgConfig::CMOCKA m)

file(GLOB TESTS CONFIGURE_DEPENDS tests/test_*.c)
foreach(source ${TESTS})
	get_filename_component(name ${source} NAME_WE)
	add_executable(${name} ${source})
	weir_flags(${name})
	target_link_libraries(${name} PRIVATE weir_support)
	add_test(NAME ${name} COMMAND ${name})
	set_tests_properties(${name} PROPERTIES TIMEOUT 300)
endforeach()

include(tests/mutate.cmake)
include(tests/sim/sim.cmake)

file(GLOB FUZZERS CONFIGURE_DEPENDS tests/fuzz_*.c)
foreach(source ${FUZZERS})
	get_filename_component(name ${source} NAME_WE)
	add_executable(${name}_replay ${source} tests/support/fuzz_main.c)
	weir_flags(${name}_replay)
	target_link_libraries(${name}_replay PRIVATE weir_simulation)
	add_test(NAME ${name} COMMAND ${name}_replay)
	set_tests_properties(${name} PROPERTIES TIMEOUT 300)
	if(WEIR_FUZZ)
		add_executable(${name} ${source})
		weir_flags(${name})
		target_compile_options(${name} PRIVATE -fsanitize=fuzzer)
		target_link_options(${name} PRIVATE -fsanitize=fuzzer)
		target_link_libraries(${name} PRIVATE weir_simulation)
	endif()
endforeach()

file(GLOB SCRIPTS CONFIGURE_DEPENDS tests/cli/*.sh)
list(FILTER SCRIPTS EXCLUDE REGEX "/lib\\.sh$")
foreach(source ${SCRIPTS})
	get_filename_component(name ${source} NAME_WE)
	add_test(NAME cli_${name} COMMAND bash ${source})
	set_tests_properties(cli_${name} PROPERTIES TIMEOUT 300
		ENVIRONMENT "WEIR=$<TARGET_FILE:weir_command>")
endforeach()

# Whether all contestants of each measure agree, not how fast they are.
if(WEIR_BENCH)
	foreach(source ${BENCHES})
		get_filename_component(name ${source} NAME_WE)
		if(NOT name STREQUAL "bench_log")
			add_test(NAME ${name} COMMAND ${name})
			set_tests_properties(${name} PROPERTIES TIMEOUT 300
				ENVIRONMENT "BENCH_QUICK=1")
		endif()
	endforeach()
endif()

add_test(NAME bench_table COMMAND
	bash ${PROJECT_SOURCE_DIR}/tests/checks/table.sh)
set_tests_properties(bench_table PROPERTIES TIMEOUT 60 ENVIRONMENT
	"SOURCE=${PROJECT_SOURCE_DIR}")

# Nothing is run there, so a sanitizer changes nothing.
if(NOT WEIR_SANITIZE)
	add_test(NAME compile COMMAND
		bash ${PROJECT_SOURCE_DIR}/tests/checks/compile.sh)
	set_tests_properties(compile PROPERTIES TIMEOUT 300 ENVIRONMENT
		"BUILD=${PROJECT_BINARY_DIR};SOURCE=${PROJECT_SOURCE_DIR}")
endif()

if(WEIR_EXAMPLES)
	file(GLOB EXAMPLES CONFIGURE_DEPENDS examples/*.c)
	foreach(source ${EXAMPLES})
		get_filename_component(name ${source} NAME_WE)
		add_test(NAME example_${name} COMMAND example_${name})
		set_tests_properties(example_${name} PROPERTIES TIMEOUT 60)
	endforeach()
endif()


# One thread with stacks of its own, and checks of its own for races and for
# memory: a sanitizer would see nothing more, and be confused by the stacks.
if(NOT WEIR_SANITIZE AND NOT WEIR_FUZZ)
	include(tests/explore/explore.cmake)
endif()
