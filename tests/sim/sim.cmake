# SPDX-License-Identifier: Apache-2.0
#
# The simulation: what is in tests/sim, its program, and the planted bugs of
# tests/mutants that it must find ("caught by: simulation", or "simulation
# actors" where a crowd of actors does).  Each is a program of its own, and a
# test that passes if one of the graphs shows the bug; the test
# simulation.mutants prints which one it was.

set(SIM ${PROJECT_SOURCE_DIR}/tests/sim)
file(GLOB SIMULATION CONFIGURE_DEPENDS ${SIM}/*.c)
list(REMOVE_ITEM SIMULATION ${SIM}/main.c)
add_library(weir_simulation STATIC ${SIMULATION})
weir_flags(weir_simulation)
target_link_libraries(weir_simulation PUBLIC weir_support)

add_executable(simulation ${SIM}/main.c)
weir_flags(simulation)
target_link_libraries(simulation PRIVATE weir_simulation)
if(WEIR_SANITIZE)
	set(WEIR_GRAPHS 2000)
else()
	set(WEIR_GRAPHS 10000)
endif()
add_test(NAME simulation COMMAND simulation ${WEIR_GRAPHS})
# A sanitizer that finds something aborts, so that the graph is printed.
set_tests_properties(simulation PROPERTIES TIMEOUT 300 ENVIRONMENT
	"ASAN_OPTIONS=abort_on_error=1;UBSAN_OPTIONS=abort_on_error=1")

# The same graphs on threads: fewer, since they cost as many threads.
if(WEIR_SANITIZE)
	set(WEIR_THREADED 100)
else()
	set(WEIR_THREADED 500)
endif()
add_test(NAME simulation.threads COMMAND
	simulation --threads ${WEIR_THREADED})
set_tests_properties(simulation.threads PROPERTIES TIMEOUT 300 ENVIRONMENT
	"ASAN_OPTIONS=abort_on_error=1;UBSAN_OPTIONS=abort_on_error=1")

add_test(NAME simulation.actors COMMAND simulation --actors ${WEIR_GRAPHS})
add_test(NAME simulation.actors_threads COMMAND
	simulation --actors-threads ${WEIR_THREADED})
set_tests_properties(simulation.actors simulation.actors_threads PROPERTIES
	TIMEOUT 300 ENVIRONMENT
	"ASAN_OPTIONS=abort_on_error=1;UBSAN_OPTIONS=abort_on_error=1")

# A sanitizer would find some of the bugs by itself; the simulation has to.
if(WEIR_SANITIZE)
	return()
endif()

set(rows "")
file(GLOB mutants CONFIGURE_DEPENDS
	${PROJECT_SOURCE_DIR}/tests/mutants/*.mutant)
foreach(patch ${mutants})
	weir_mutant_words(${patch} "caught by" caught_by)
	if(NOT caught_by MATCHES "^simulation")
		continue()
	endif()
	get_filename_component(name ${patch} NAME_WE)
	weir_mutant(${patch} root)
	weir_mutant_words(${patch} file files)
	list(TRANSFORM files PREPEND ${root}/)
	# The mutated object hides that of the library.
	add_executable(mutated_${name} ${SIM}/main.c ${files})
	weir_flags(mutated_${name})
	# A mistake may well be one that a compiler sees.
	target_compile_options(mutated_${name} PRIVATE -w)
	target_include_directories(mutated_${name} BEFORE PRIVATE ${root})
	target_link_libraries(mutated_${name} PRIVATE weir_simulation)
	add_dependencies(mutated_${name} mutant_${name})

	set(row ${PROJECT_BINARY_DIR}/mutants/${name}.found)
	list(APPEND rows ${row})
	set(catch --catch)
	if("actors" IN_LIST caught_by)
		set(catch --catch-actors)
	endif()
	add_test(NAME simulation.mutant.${name} COMMAND
		mutated_${name} ${catch} ${name} ${WEIR_GRAPHS} ${row})
	set_tests_properties(simulation.mutant.${name} PROPERTIES
		TIMEOUT 120 FIXTURES_SETUP simulation_mutants)
endforeach()
add_test(NAME simulation.mutants COMMAND ${CMAKE_COMMAND} -E cat ${rows})
set_tests_properties(simulation.mutants PROPERTIES
	FIXTURES_REQUIRED simulation_mutants)
