# engine/openapi.awk - prints openapi.json as C, for engine/openapi.c.

BEGIN { print "/* Made by engine/openapi.awk. */\n#include \"openapi.h\"\n\nconst char openapi_json[] =" }

{
	sub(/^ +/, "")
	gsub(/\\/, "&&")
	gsub(/"/, "\\\"")
	print "\t\"" $0 "\\n\""
}

END { print "\t\"\";\nconst size_t openapi_json_len = sizeof openapi_json - 1;" }
