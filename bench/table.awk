# SPDX-License-Identifier: Apache-2.0
#
# table.awk: lines of benches to a table and CSV.
#
#	awk -F '\t' -v csv=FILE [-v all=1] -f table.awk targets.tsv ROWS
#
# ROWS are lines as bench.h says: measure, contestant, median, min, unit,
# times.  A row of the table is a measure that "weir" has a line for; other
# contestants stand under it, the best first, and all are in the CSV.  With
# all=1 it also says which targets have no measure.

BEGIN {
	beside_max = 7
	printf "" >csv
}

/^#/ || NF == 0 { next }

FILENAME == ARGV[1] {
	targets[++targets_count] = $1
	known[$1] = 1
	sense[$1] = $2
	bar[$1] = $3
	goal[$1] = $4
	next
}

{
	if (!($1 in contestants)) {
		measures[++measures_count] = $1
		unit[$1] = $5
	}
	names[$1, ++contestants[$1]] = $2
	median[$1, $2] = $3
	min[$1, $2] = $4
	times[$1, $2] = $6
}

# Whether @a is the better of two figures of @m.
function better(m, a, b) {
	return sense[m] == "more" ? a > b : a < b
}

function best_of(m, i, name, found) {
	for (i = 1; i <= contestants[m]; i++) {
		name = names[m, i]
		if (name == "weir" || name == "a cache line")
			continue
		if (found == "" ||
			better(m, median[m, name], median[m, found]))
			found = name
	}
	return found
}

# Whom a bar or goal is about; "": none.
function rival(m, target, at) {
	at = index(target, " ")
	target = at ? substr(target, at + 1) : ""
	return target == "best" ? best_of(m) : target
}

# Ours as a multiple of the contestant's; of "faster", theirs of ours.
function multiple(m, name, x) {
	x = times[m, name] + 0
	if (x == 0 && median[m, name] > 0)
		x = median[m, "weir"] / median[m, name]
	return sense[m] == "faster" && x > 0 ? 1 / x : x
}

# Whether weir reaches a bar or goal.
function reaches(m, target, name, value) {
	name = rival(m, target)
	if (name != "" && !((m, name) in median))
		return 0
	value = name == "" ? median[m, "weir"] : multiple(m, name)
	return sense[m] == "less" ? value <= target + 0 : value >= target + 0
}

function verdict(m) {
	if (!(m in known))
		return ""
	return reaches(m, goal[m]) ? "goal" : reaches(m, bar[m]) ? "bar" : "short"
}

function figure(x) {
	return x + 0 == 0 ? "0" : x < 0.001 ? sprintf("%.6f", x) : \
		x < 100 ? sprintf("%.3f", x) : sprintf("%.0f", x)
}

function target_text(target) {
	if (target == "")
		return ""
	return target + 0 (index(target, " ") ? "x" : "")
}

function quoted(text) {
	gsub(/"/, "\"\"", text)
	return "\"" text "\""
}

# The others, the best first, as many as fit.
function beside(m, shown, i, k, n, list, swap, text) {
	for (i = 1; i <= contestants[m]; i++)
		if (names[m, i] != "weir" && names[m, i] != shown)
			list[++n] = names[m, i]
	for (i = 2; i <= n; i++)
		for (k = i; k > 1 && better(m, median[m, list[k]],
			median[m, list[k - 1]]); k--) {
			swap = list[k]
			list[k] = list[k - 1]
			list[k - 1] = swap
		}
	for (i = 1; i <= n && i <= beside_max; i++)
		text = text (i > 1 ? ", " : "") list[i] " " \
			figure(median[m, list[i]])
	if (n > beside_max)
		text = text ", ..."
	return text
}

# Whom the row is against: whom the bar is about, else the first beside ours.
function against(m, name, i) {
	name = rival(m, bar[m])
	if (name != "" && (m, name) in median)
		return name
	for (i = 1; i <= contestants[m]; i++)
		if (names[m, i] != "weir")
			return names[m, i]
	return ""
}

function csv_write(m, i, name) {
	for (i = 1; i <= contestants[m]; i++) {
		name = names[m, i]
		print quoted(m) "," quoted(name) "," median[m, name] "," \
			min[m, name] "," unit[m] "," \
			(name == "weir" ? 1 : multiple(m, name)) "," \
			quoted(bar[m]) "," quoted(goal[m]) "," \
			(name == "weir" ? verdict(m) : "") >csv
	}
}

function row(m, name, others, shown) {
	name = against(m)
	shown = unit[m] == "count" ? "" : " " unit[m]
	printf "%-42s %12s  %-22s %8s %6s %7s %7s  %s\n", m,
		figure(median[m, "weir"]) shown, name,
		name == "" ? "" : figure(median[m, name]),
		name == "" ? "" : sprintf("%.2f", multiple(m, name)),
		target_text(bar[m]), target_text(goal[m]), verdict(m)
	others = beside(m, name)
	if (others != "")
		print "    " others
}

END {
	print "measure,contestant,median,min,unit,times,bar,goal,verdict" >csv
	printf "%-42s %12s  %-22s %8s %6s %7s %7s\n", "measure", "weir",
		"beside", "", "times", "bar", "goal"
	for (i = 1; i <= measures_count; i++) {
		csv_write(measures[i])
		if ((measures[i], "weir") in median)
			row(measures[i])
	}
	for (i = 1; all && i <= targets_count; i++)
		if (!((targets[i], "weir") in median))
			print "not measured: " targets[i]
}
