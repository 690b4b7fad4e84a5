#!/bin/sh
# tests/lint/purity.sh - the language needs nothing from the world.
#
# Reads the undefined symbols of libasl.a against purity.allow: a call of
# time(), getrandom(), getenv(), open() or printf() in asl/ fails here.  The
# same goes for mutable statics: asl/ keeps no state of its own.
#
# A build with sanitizers pulls in symbols of theirs and is skipped.

srcdir=${srcdir:-.}
builddir=${builddir:-.}
allow=$srcdir/tests/lint/purity.allow
library=$builddir/libasl.a
NM=${NM:-nm}
OBJDUMP=${OBJDUMP:-objdump}
CC=${CC:-cc}
tests=0
failed=0

skip() {
	echo "1..0 # SKIP $1"
	exit 0
}

result() {	# STATUS NAME
	tests=$((tests + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $tests - $2"
	else
		echo "not ok $tests - $2"
		failed=1
	fi
}

# "MEMBER needs SYMBOL" for each undefined symbol that is neither defined in
# the same file nor allowed.
impure() {	# LIBRARY OR OBJECT
	{ $NM -A -P "$1" || echo "nm failed"; } | awk -v allow="$allow" '
	BEGIN {
		while ((getline line < allow) > 0)
			if (line !~ /^(#|[ \t]*$)/)
				pattern[++n] = "^(" line ")$"
	}
	# "libasl.a[x.o]: name U" or "x.o: name T 0 1"; w: weak
	{ sub(/^.*[[\/]/, "", $1); sub(/[]:]+$/, "", $1) }
	$3 == "U" || $3 == "w" || $3 == "v" { user[$2] = $1 " " user[$2]; next }
	{ defined[$2] = 1 }
	END {
		for (name in user) {
			if (name in defined)
				continue
			good = 0
			for (i = 1; i <= n && !good; i++)
				good = name ~ pattern[i]
			if (!good)
				print user[name] "needs " name
		}
	}' | sort
}

# "MEMBER keeps SYMBOL" for each variable that can change.  Constant tables of
# pointers stand in .data.rel.ro, which is read-only once the program runs.
mutable() {	# LIBRARY OR OBJECT
	{ $OBJDUMP -t "$1" || echo "x.o: file"; echo; } | awk '
	/file format/ { member = $1; sub(/:$/, "", member); sub(/.*\//, "", member) }
	NF < 4 { next }
	$(NF - 2) ~ /^(\.data|\.bss|\.tdata|\.tbss|\*COM\*)/ &&
	    $(NF - 2) !~ /^\.data\.rel\.ro/ && $0 !~ / d  / &&
	    $(NF - 1) !~ /^0+$/ { print member " keeps " $NF }' | sort
}

[ -f "$library" ] || skip "no $library"
$NM "$library" 2>/dev/null | grep -q -e __asan_ -e __ubsan_ -e __sanitizer &&
	skip "built with sanitizers"

# --- it complains when it should ----------------------------------------------

dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT

cat >"$dir/bad.c" <<'EOF'
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>
#include <fcntl.h>
int getentropy(void *, size_t);
int used;
static int count = 7;
long f(void) { char b[1]; getentropy(b, 1); count++;
	return time(NULL) + rand() + open("x", 0) + printf("%d", used++) +
	    (getenv("X") != NULL) + count; }
EOF
cat >"$dir/good.c" <<'EOF'
#include <math.h>
#include <string.h>
static const char *const words[] = { "a", "b" };
size_t g(double d, int i) { return strlen(words[i & 1]) + (size_t)floor(d); }
EOF
if $CC -c -O0 -o "$dir/bad.o" "$dir/bad.c" 2>/dev/null &&
    $CC -c -O0 -fPIC -o "$dir/good.o" "$dir/good.c" 2>/dev/null; then
	for symbol in getentropy time rand open printf getenv; do
		impure "$dir/bad.o" | grep -q "needs $symbol\$"
		result $? "refused: a call of $symbol()"
	done
	for symbol in used count; do
		mutable "$dir/bad.o" | grep -q "keeps $symbol\$"
		result $? "refused: the variable $symbol"
	done
	[ -z "$(impure "$dir/good.o")$(mutable "$dir/good.o")" ]
	result $? "pure code with a constant table passes"
else
	result 1 "$CC compiles a small file"
fi

# --- libasl.a -----------------------------------------------------------------

members=$($NM "$library" 2>/dev/null | grep -c '\.o:$')
[ "$members" -gt 20 ]
result $? "libasl.a has $members files"
complaints=$(impure "$library")
[ -z "$complaints" ]
result $? "libasl.a needs only what it may"
[ -z "$complaints" ] || echo "$complaints" | sed 's/^/# /'
complaints=$(mutable "$library")
[ -z "$complaints" ]
result $? "libasl.a keeps nothing that changes"
[ -z "$complaints" ] || echo "$complaints" | sed 's/^/# /'
echo "1..$tests"
exit $failed
