# SPDX-License-Identifier: Apache-2.0
#
# The schedule explorer: tests/explore/explore_NAME.c is a program of scenarios,
# found by its name, as are its scenarios.  tests/mutants/*.mutant whose
# "caught by" names such a program are compiled with it.

set(EXPLORE ${PROJECT_SOURCE_DIR}/tests/explore)
set(EXPLORE_RESULTS ${PROJECT_BINARY_DIR}/explore)
file(MAKE_DIRECTORY ${EXPLORE_RESULTS})

function(explore_flags target)
	weir_flags(${target})
	set_target_properties(${target} PROPERTIES
		POSITION_INDEPENDENT_CODE OFF)
	target_compile_definitions(${target} PRIVATE
		WEIR_ATOMICS="tests/explore/atomics.h"
		WEIR_RUN_QUEUE_SLOTS=4u)
	target_compile_options(${target} PRIVATE -include ${EXPLORE}/shim.h
		-fmacro-prefix-map=${PROJECT_SOURCE_DIR}/=
		-fmacro-prefix-map=${PROJECT_BINARY_DIR}/mutants/=)
endfunction()

# The explorer, and the library as it sees it.
file(GLOB sources CONFIGURE_DEPENDS ${EXPLORE}/*.c)
list(FILTER sources EXCLUDE REGEX "/explore_[a-z_]*\\.c$")
add_library(explore OBJECT ${sources})
explore_flags(explore)
file(GLOB sources CONFIGURE_DEPENDS
	${PROJECT_SOURCE_DIR}/actors/*.c ${PROJECT_SOURCE_DIR}/streams/*.c)
add_library(explored STATIC ${sources})
explore_flags(explored)

# A program out of @source and further sources, includes from @root first.
function(explore_program name source root)
	add_executable(${name} ${source} ${ARGN} $<TARGET_OBJECTS:explore>)
	explore_flags(${name})
	target_include_directories(${name} BEFORE PRIVATE ${root})
	target_link_libraries(${name} PRIVATE explored Threads::Threads)
endfunction()

function(explore_test name program)
	add_test(NAME ${name} COMMAND ${program} ${ARGN})
	set_tests_properties(${name} PROPERTIES TIMEOUT 300
		ENVIRONMENT EXPLORE_RESULTS=${EXPLORE_RESULTS})
	set_property(GLOBAL APPEND PROPERTY EXPLORE_TESTS ${name})
endfunction()

file(GLOB programs CONFIGURE_DEPENDS ${EXPLORE}/explore_*.c)
foreach(source ${programs})
	get_filename_component(program ${source} NAME_WE)
	explore_program(${program} ${source} ${PROJECT_SOURCE_DIR})
	set_property(DIRECTORY APPEND PROPERTY
		CMAKE_CONFIGURE_DEPENDS ${source})
	file(STRINGS ${source} lines REGEX "\\.name = \"")
	foreach(line ${lines})
		string(REGEX REPLACE ".*\\.name = \"([^\"]*)\".*" "\\1"
			scenario "${line}")
		explore_test(${program}.${scenario} ${program} ${scenario})
	endforeach()
endforeach()

# A mutant is compiled from its mutated sources and those it names behind
# "with:"; the rest is as shipped.
file(GLOB mutants CONFIGURE_DEPENDS
	${PROJECT_SOURCE_DIR}/tests/mutants/*.mutant)
foreach(patch ${mutants})
	weir_mutant_words(${patch} "caught by" caught_by)
	list(POP_FRONT caught_by program)
	if(NOT program MATCHES "^explore_")
		continue()
	endif()
	get_filename_component(name ${patch} NAME_WE)
	weir_mutant(${patch} root)
	weir_mutant_words(${patch} file files)
	weir_mutant_words(${patch} with with)
	list(APPEND files ${with})
	list(REMOVE_DUPLICATES files)
	list(FILTER files INCLUDE REGEX "\\.c$")
	list(TRANSFORM files PREPEND ${root}/)
	explore_program(mutated_${name} ${EXPLORE}/${program}.c ${root} ${files})
	add_dependencies(mutated_${name} mutant_${name})
	# A mistake may well be one that a compiler sees.
	target_compile_options(mutated_${name} PRIVATE -w)
	explore_test(mutant.${name} mutated_${name} --mutant ${caught_by})
endforeach()

# What all of them told, as two tables.
add_test(NAME explore_summary COMMAND ${CMAKE_COMMAND}
	-DRESULTS=${EXPLORE_RESULTS} -P ${EXPLORE}/summary.cmake)
get_property(tests GLOBAL PROPERTY EXPLORE_TESTS)
set_tests_properties(explore_summary PROPERTIES DEPENDS "${tests}")
