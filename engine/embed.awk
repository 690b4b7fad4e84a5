# engine/embed.awk - prints a text file as a C string: -v name=X -v header=X.h.
# Leading white space and empty lines go, and a comment that fills its line.

BEGIN {
	print "/* Made by engine/embed.awk. */\n#include \"" header "\"\n"
	print "const char " name "[] ="
}

{
	sub(/^[ \t]+/, "")
	if ($0 == "" || $0 ~ /^\/\*.*\*\/$/)
		next
	gsub(/\\/, "&&")
	gsub(/"/, "\\\"")
	print "\t\"" $0 "\\n\""
}

END { print "\t\"\";\nconst size_t " name "_len = sizeof " name " - 1;" }
