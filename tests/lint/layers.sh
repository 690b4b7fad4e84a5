#!/bin/sh
# tests/lint/layers.sh - who may include whom.
#
# Reads the #include lines of every room and compares them with the directions
# of ARCHITECTURE.md:
#
#	asl     -> base/{xmalloc,strbuf,err}.h, jansson, PCRE2, OpenSSL's digests,
#	           libm and those parts of the C library that touch nothing outside
#	base    -> the C library, libevent
#	engine  -> base, asl/asl.h; libpq in db.c only, libcurl in one file only
#	worker  -> base; fork in one file only
#	cli     -> base, asl/asl.h; libcurl in one file only
#
# Includes are written without folders; a name is looked up in the tree.  Each
# rule is first tried on a small tree that breaks it.

srcdir=${srcdir:-.}
tests=0
failed=0

result() {	# STATUS NAME
	tests=$((tests + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $tests - $2"
	else
		echo "not ok $tests - $2"
		failed=1
	fi
}

# Prints a line for each thing that is wrong in a room of a tree.
check_room() {	# TREE ROOM
	(cd "$1" && find base asl engine worker cli tests -name '*.[ch]' \
	    2>/dev/null | sort) |
	awk -v tree="$1" -v room="$2" '
	function folder(path) { sub(/\/.*/, "", path); return path }
	function leaf(path) { sub(/.*\//, "", path); return path }
	function complain(text) { print file ":" line ": " text }
	function own(name) {
		if (name == "config.h")
			return
		if (!(name in home)) {
			complain("\"" name "\" is not in the tree")
			return
		}
		to = home[name]
		if (to == room)
			return
		if (to == "tests")
			complain(room " includes a test, " name)
		else if (room == "asl") {
			if (to != "base" || name !~ /^(xmalloc|strbuf|err)\.h$/)
				complain("asl includes " to "/" name)
		} else if (room == "base")
			complain("base includes " to "/" name)
		else if (to == "asl") {
			if (room == "worker" || name != "asl.h")
				complain(room " includes asl/" name)
		} else if (to != "base")
			complain(room " includes " to "/" name)
	}
	function library(name) {
		if (name == "libpq-fe.h" && file != "engine/db.c")
			complain("only engine/db.c knows libpq")
		if (name ~ /^curl\//) {
			if (room != "engine" && room != "cli")
				complain(room " includes " name)
			else if (curl != "" && curl != file)
				complain("libcurl is known to " curl " already")
			curl = file
		}
		if (room == "asl" && name !~ pure)
			complain("asl includes <" name ">")
		if (room == "base" &&
		    name ~ /^(jansson|pcre2|openssl|CUnit)/)
			complain("base includes <" name ">")
	}
	BEGIN {
		pure = "^(jansson|pcre2|openssl/evp|math|float|assert|ctype|" \
		    "errno|inttypes|limits|stdarg|stdbool|stddef|stdint|" \
		    "stdio|stdlib|string|strings)\\.h$"
	}
	{ paths[++n] = $0; if (!(leaf($0) in home)) home[leaf($0)] = folder($0) }
	END {
		for (i = 1; i <= n; i++) {
			file = paths[i]
			if (folder(file) != room)
				continue
			line = 0
			while ((getline text < (tree "/" file)) > 0) {
				line++
				if (text ~ /^[ \t]*#[ \t]*include[ \t]*"/) {
					split(text, part, "\"")
					if (part[2] ~ /\//)
						complain("a folder in " text)
					else
						own(part[2])
				} else if (text ~ /^[ \t]*#[ \t]*include[ \t]*</) {
					split(text, part, "[<>]")
					library(part[2])
				}
				if (room == "worker" &&
				    text ~ /(^|[^A-Za-z0-9_])v?fork[ \t]*\(/ &&
				    text !~ /^[ \t]*(\*|\/\*|\/\/)/) {
					if (forks != "" && forks != file)
						complain("fork stands in " forks " already")
					forks = file
				}
			}
			close(tree "/" file)
		}
	}'
}

# --- the rules complain when they should ------------------------------------

tree=$(mktemp -d) || exit 1
trap 'rm -rf "$tree"' EXIT
mkdir "$tree/base" "$tree/asl" "$tree/engine" "$tree/worker" "$tree/cli" \
    "$tree/tests"
for name in base/strbuf.h base/log.h asl/asl.h asl/machine.h engine/store.h \
    worker/host.h cli/table.h tests/unit.h; do
	: >"$tree/$name"
done

breaks() {	# FILE LINE NAME
	echo "$2" >"$tree/$1"
	check_room "$tree" "${1%%/*}" | grep -q "^$1:"
	result $? "refused: $3"
	rm "$tree/$1"
}

breaks asl/x.c '#include "log.h"' "asl logs"
breaks asl/x.c '#include <time.h>' "asl knows the time"
breaks asl/x.c '#include <unistd.h>' "asl knows the system"
breaks asl/x.c '#include "store.h"' "asl knows engine"
breaks base/x.c '#include "asl.h"' "base knows asl"
breaks base/x.c '#include <jansson.h>' "base knows JSON values"
breaks engine/x.c '#include "machine.h"' "engine looks past asl.h"
breaks engine/x.c '#include <libpq-fe.h>' "libpq outside of db.c"
breaks worker/x.c '#include "asl.h"' "worker knows asl"
breaks worker/x.c '#include "store.h"' "worker knows engine"
breaks worker/x.c '#include <libpq-fe.h>' "worker knows libpq"
breaks worker/x.c '#include <curl/curl.h>' "worker knows libcurl"
breaks cli/x.c '#include "store.h"' "cli knows engine"
breaks cli/x.c '#include "machine.h"' "cli looks past asl.h"
breaks cli/x.c '#include "unit.h"' "cli includes a test"
breaks cli/x.c '#include "nowhere.h"' "a header that is not there"
breaks cli/x.c '#include "../base/log.h"' "a folder in an include"

echo '#include <curl/curl.h>' >"$tree/engine/a.c"
breaks engine/b.c '#include <curl/curl.h>' "libcurl in two files"
rm "$tree/engine/a.c"
echo '	pid = fork();' >"$tree/worker/a.c"
breaks worker/b.c '	if ((pid = fork ()) == 0)' "fork in two files"
rm "$tree/worker/a.c"

printf '%s\n' '#include <jansson.h>' '#include "strbuf.h"' \
    '#include "machine.h"' >"$tree/asl/good.c"
printf '%s\n' '#include <libpq-fe.h>' '#include "asl.h"' '#include "log.h"' \
    '#include "store.h"' >"$tree/engine/db.c"
complaints=$(for room in base asl engine worker cli; do
	check_room "$tree" "$room"
done)
[ -z "$complaints" ]
result $? "a good tree passes"
[ -z "$complaints" ] || echo "$complaints" | sed 's/^/# /'

# --- this tree ---------------------------------------------------------------

for room in base asl engine worker cli; do
	complaints=$(check_room "$srcdir" "$room")
	files=$(find "$srcdir/$room" -name '*.[ch]' | wc -l)
	[ -z "$complaints" ]
	result $? "$room: $((files)) files include what they may"
	[ -z "$complaints" ] || echo "$complaints" | sed 's/^/# /'
done
echo "1..$tests"
exit $failed
