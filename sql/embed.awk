# sql/embed.awk - prints the SQL files given as C, for engine/migrate.c.
#
#	awk -f embed.awk 001_init.sql 002_more.sql ... views.sql
#
# One string for each file, then the list of the migrations in this order.

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
	gsub(/\\/, "\\\\")
	gsub(/"/, "\\\"")
	print "\t\"" $0 "\\n\""
}

END {
	print "\t\"\";\n\nconst struct migration migrate_list[] = {"
	for (i = 1; i <= n; i++)
		print "\t{ " substr(order[i], 1, 3) + 0 ", \"" \
		    substr(order[i], 5) "\", sql_" order[i] " },"
	print "};\nconst size_t migrate_count = " n ";"
}
