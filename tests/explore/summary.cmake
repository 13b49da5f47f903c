# SPDX-License-Identifier: Apache-2.0
#
# Print what the programs of the explorer left in RESULTS, one line each: what
# was explored, and how soon each mutant was caught.

set(table "")
foreach(kind explore mutated)
	file(GLOB files ${RESULTS}/${kind}_*)
	list(LENGTH files n)
	string(APPEND table "\n${n} results of ${kind} programs\n")
	foreach(file ${files})
		file(READ ${file} line)
		string(APPEND table "${line}")
	endforeach()
endforeach()
message("${table}")
file(WRITE ${RESULTS}/summary.txt "${table}")
if(NOT table MATCHES "explore_self" OR NOT table MATCHES "mutated_")
	message(FATAL_ERROR "no results: run all tests named explore and mutant")
endif()
