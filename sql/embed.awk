# sql/embed.awk - prints the SQL files given as C, for engine/migrate.c.
#
#	awk -f embed.awk 001_init.sql 002_more.sql ... views.sql
#
# One string for each file, then the list of the migrations in this order.

# Not gsub(): what a backslash means in its replacement differs between awks.
function with(text, mark, instead,    parts, n, i, out) {
	n = split(text, parts, mark)
	out = parts[1]
	for (i = 2; i <= n; i++)
		out = out instead parts[i]
	return out
}

function name_of(path) { sub(/.*\//, "", path); sub(/\.sql$/, "", path); return path }

BEGIN { print "/* Made by sql/embed.awk. */\n#include \"migrate.h\"" }

FNR == 1 {
	if (name != "")
		print "\t\"\";\n"
	name = name_of(FILENAME)
	if (name == "views")
		print "const char migrate_views[] ="
	else {
		order[++n] = name
		print "static const char sql_" name "[] ="
	}
}

{
	print "\t\"" with(with($0, "[\\\\]", "\\\\"), "\"", "\\\"") "\\n\""
}

END {
	print "\t\"\";\n\nconst struct migration migrate_list[] = {"
	for (i = 1; i <= n; i++)
		print "\t{ " substr(order[i], 1, 3) + 0 ", \"" \
		    substr(order[i], 5) "\", sql_" order[i] " },"
	print "};\nconst size_t migrate_count = " n ";"
}
