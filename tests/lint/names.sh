#!/bin/sh
# tests/lint/names.sh - where a thing lives is never a question.
#
# File names are unique in the tree, and the functions that a file exports
# begin with the file's name: "strbuf_add" stands in strbuf.c.  Where a subject
# has several files, its name is enough: store_queue.c may export store_send.
# Exceptions, with their reasons, stand in names.allow.
#
# Reads the symbols of the libraries that were built, so it checks what is
# there; a library that is missing is skipped.

srcdir=${srcdir:-.}
builddir=${builddir:-.}
allow=$srcdir/tests/lint/names.allow
NM=${NM:-nm}
CC=${CC:-cc}
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

# Prints each file name that is there twice.  A header of the same name as its
# source is another name; README.md and main.c stand in many rooms.
twice() {	# TREE
	(cd "$1" && find base asl engine worker cli tests bench -type f \
	    -name '*.*' ! -name '*.md' ! -name main.c \
	    \( -name '*.[ch]' -o -name '*.sh' -o -name '*.sql' \) \
	    2>/dev/null) | sed 's/.*\///' | sort | uniq -d
}

# "ROOM/FILE exports NAME" for each function with a wrong name.
misnamed() {	# ROOM LIBRARY OR OBJECT
	$NM -A -P -g "$2" 2>/dev/null | awk -v allow="$allow" -v room="$1" '
	BEGIN {
		while ((getline line < allow) > 0)
			if (split(line, part, " ") == 2 && line !~ /^#/)
				allowed[++n] = "^" (part[1] == "*" ? ".*" : \
				    part[1]) " " part[2] "$"
	}
	$3 == "T" {
		sub(/^.*[[\/]/, "", $1)
		sub(/[]:]+$/, "", $1)
		sub(/^[A-Za-z0-9_]*-/, "", $1)	# automake: libasl_a-x.o
		file = $1
		sub(/\.o$/, "", file)
		prefix = file
		gsub(/-/, "_", prefix)
		do
			if ($2 == prefix || index($2, prefix "_") == 1)
				next
		while (sub(/_[^_]*$/, "", prefix))
		for (i = 1; i <= n; i++)
			if ((room "/" file ".c " $2) ~ allowed[i])
				next
		print room "/" file ".c exports " $2
	}'
}

# --- it complains when it should ----------------------------------------------

dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
mkdir "$dir/base" "$dir/asl"
: >"$dir/base/list.c"
: >"$dir/asl/other.c"
[ -z "$(twice "$dir")" ]
result $? "different names pass"
: >"$dir/asl/list.c"
[ "$(twice "$dir")" = list.c ]
result $? "refused: a file name in two rooms"
echo 'int list_add(void) { return 0; } int list(void) { return 0; }
static int own(void) { return 1; } int listless(void) { return own(); }' \
    >"$dir/list.c"
if $CC -c -o "$dir/list.o" "$dir/list.c"; then
	[ "$(misnamed base "$dir/list.o")" = "base/list.c exports listless" ]
	result $? "refused: a function that does not begin with its file's name"
	mv "$dir/list.o" "$dir/list_sort.o"
	[ "$(misnamed base "$dir/list_sort.o")" = \
	    "base/list_sort.c exports listless" ]
	result $? "a file of a subject may use the subject's name"
else
	result 1 "$CC compiles a small file"
fi

# --- this tree ----------------------------------------------------------------

complaints=$(twice "$srcdir")
[ -z "$complaints" ]
result $? "file names are unique"
[ -z "$complaints" ] || echo "$complaints" | sed 's/^/# twice: /'
for room in base asl engine worker cli; do
	library=$builddir/lib$room.a
	if [ ! -f "$library" ]; then
		tests=$((tests + 1))
		echo "ok $tests - lib$room.a # SKIP not built"
		continue
	fi
	complaints=$(misnamed "$room" "$library")
	[ -z "$complaints" ]
	result $? "functions of $room begin with the names of their files"
	[ -z "$complaints" ] || echo "$complaints" | sed 's/^/# /'
done
echo "1..$tests"
exit $failed
