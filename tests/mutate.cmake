# SPDX-License-Identifier: Apache-2.0
#
# Mutants: sources of the library with one mistake planted, to show that a
# check bites.  A mutant is a text file, tests/mutants/NAME.mutant:
#
#   Free words: what is wrong, and what it does.
#   caught by: PROGRAM SCENARIO...
#   with: further sources that see the change, if it is in a header
#   file: actors/mailbox.c
#   --- replace
#   the exact text, which must occur exactly once
#   --- with
#   what is put in its place (may be empty)
#   --- end
#
# Further "file:" lines and replacements may follow; a replacement is in the
# file named last.  The mutated copy is made when the tests are built, and the
# build fails if the text is not found, or found twice.
#
#   weir_mutant(tests/mutants/NAME.mutant ROOT)
#
# sets ROOT to a folder that looks like the source tree (links), but for the
# mutated files.  Compile sources from there, with ROOT first among the include
# directories, and let the target depend on the target mutant_NAME:
#
#   weir_mutant(tests/mutants/late_grant.mutant root)
#   add_executable(late_grant tests/x.c ${root}/streams/channel.c)
#   target_include_directories(late_grant BEFORE PRIVATE ${root})
#   add_dependencies(late_grant mutant_late_grant)
#   target_link_libraries(late_grant PRIVATE weir_static)
#
# A file mutated there hides its member of the static library.  A mutated
# header needs all sources that include it to be compiled from ROOT.

cmake_policy(VERSION 3.25)

# -- when the tests are built: apply one mutant ------------------------------

# What stands in ${text} between FIRST and LAST; the rest after LAST.
function(mutant_between text first last ret_inner ret_rest)
	string(FIND "${text}" "${first}" from)
	if(from EQUAL -1)
		message(FATAL_ERROR "${PATCH}: '${first}' is missing")
	endif()
	string(LENGTH "${first}" length)
	math(EXPR from "${from} + ${length}")
	string(SUBSTRING "${text}" ${from} -1 text)
	string(FIND "${text}" "${last}" to)
	if(to EQUAL -1)
		message(FATAL_ERROR "${PATCH}: '${last}' is missing")
	endif()
	string(SUBSTRING "${text}" 0 ${to} inner)
	string(SUBSTRING "${text}" ${to} -1 text)
	# Whole lines: without the line break behind FIRST.
	if(NOT inner STREQUAL "")
		string(SUBSTRING "${inner}" 1 -1 inner)
	endif()
	set(${ret_inner} "${inner}" PARENT_SCOPE)
	set(${ret_rest} "${text}" PARENT_SCOPE)
endfunction()

# Replace the only occurrence of OLD in ${text}.
function(mutant_replace text old new file ret)
	string(FIND "${text}" "${old}" at)
	string(FIND "${text}" "${old}" last REVERSE)
	if(old STREQUAL "" OR at EQUAL -1)
		message(FATAL_ERROR "${PATCH}: not in ${file}:\n${old}")
	endif()
	if(NOT at EQUAL last)
		message(FATAL_ERROR "${PATCH}: twice in ${file}:\n${old}")
	endif()
	string(LENGTH "${old}" length)
	string(SUBSTRING "${text}" 0 ${at} before)
	math(EXPR at "${at} + ${length}")
	string(SUBSTRING "${text}" ${at} -1 after)
	set(${ret} "${before}${new}${after}" PARENT_SCOPE)
endfunction()

function(mutant_apply)
	set(file "")
	set(files "")
	file(READ "${PATCH}" rest)
	string(FIND "${rest}" "\n--- replace" at)
	while(NOT at EQUAL -1)
		string(SUBSTRING "${rest}" 0 ${at} head)
		if(head MATCHES "(^|\n)file: *([^\n]+)")
			set(file "${CMAKE_MATCH_2}")
		endif()
		mutant_between("${rest}" "\n--- replace" "\n--- with" old rest)
		mutant_between("${rest}" "\n--- with" "\n--- end" new rest)
		if(NOT file IN_LIST files)
			file(READ "${SOURCE}/${file}" text_${file})
			list(APPEND files "${file}")
		endif()
		mutant_replace("${text_${file}}" "${old}" "${new}" "${file}"
			text_${file})
		string(FIND "${rest}" "\n--- replace" at)
	endwhile()
	foreach(file ${files})
		# A link there would lead to the original.
		file(REMOVE "${ROOT}/${file}")
		file(WRITE "${ROOT}/${file}" "${text_${file}}")
	endforeach()
endfunction()

if(CMAKE_SCRIPT_MODE_FILE STREQUAL CMAKE_CURRENT_LIST_FILE)
	mutant_apply()
	return()
endif()

# -- when the build is configured --------------------------------------------

set(WEIR_MUTATE ${CMAKE_CURRENT_LIST_FILE})

# The words behind "KEY:" in all lines that begin so: its files, who must catch
# it ("caught by"), what else is to be compiled ("with").
function(weir_mutant_words patch key ret)
	file(STRINGS ${patch} lines REGEX "^${key}: ")
	set(words "")
	foreach(line ${lines})
		string(REGEX REPLACE "^${key}: *" "" line "${line}")
		separate_arguments(line)
		list(APPEND words ${line})
	endforeach()
	list(REMOVE_DUPLICATES words)
	set(${ret} "${words}" PARENT_SCOPE)
endfunction()

function(weir_mutant patch ret_root)
	get_filename_component(name ${patch} NAME_WE)
	get_filename_component(patch ${patch} ABSOLUTE
		BASE_DIR ${PROJECT_SOURCE_DIR})
	set(root ${PROJECT_BINARY_DIR}/mutants/${name})
	set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${patch})
	weir_mutant_words(${patch} file mutated)

	file(GLOB tree CONFIGURE_DEPENDS RELATIVE ${PROJECT_SOURCE_DIR}
		${PROJECT_SOURCE_DIR}/actors/*.[ch]
		${PROJECT_SOURCE_DIR}/streams/*.[ch]
		${PROJECT_SOURCE_DIR}/operators/*.[ch]
		${PROJECT_SOURCE_DIR}/io/*.[ch])
	foreach(folder actors streams operators io)
		file(MAKE_DIRECTORY ${root}/${folder})
	endforeach()
	foreach(file ${tree})
		if(NOT file IN_LIST mutated)
			file(CREATE_LINK ${PROJECT_SOURCE_DIR}/${file}
				${root}/${file} SYMBOLIC)
		endif()
	endforeach()

	list(TRANSFORM mutated PREPEND ${PROJECT_SOURCE_DIR}/
		OUTPUT_VARIABLE originals)
	list(TRANSFORM mutated PREPEND ${root}/ OUTPUT_VARIABLE copies)
	add_custom_command(OUTPUT ${copies}
		COMMAND ${CMAKE_COMMAND} -DPATCH=${patch}
			-DSOURCE=${PROJECT_SOURCE_DIR} -DROOT=${root}
			-P ${WEIR_MUTATE}
		DEPENDS ${patch} ${originals} ${WEIR_MUTATE}
		COMMENT "Planting ${name}" VERBATIM)
	add_custom_target(mutant_${name} DEPENDS ${copies})
	set(${ret_root} ${root} PARENT_SCOPE)
endfunction()
