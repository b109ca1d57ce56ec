# The lower half (JSON, the language, JSONata, the interpreter, drawing) knows nothing of PostgreSQL: it is unit-tested,
# fuzzed and profiled as an ordinary C program.  So it includes no server header, nor a header of the upper half, and
# compiles without the server's include path.
folders=$(find src/json src/asl src/jsonata src/interpreter src/draw -maxdepth 0 2> /dev/null || true)
[ -n "$folders" ] || exit 0
status=0
# shellcheck disable=SC2086
if grep -nE '#include *[<"](postgres|c\.h|fmgr|executor/|utils/|access/|catalog/|storage/|miscadmin|libpq/|lib/|nodes/|common/|port|pg/|store/|engine/|task/|worker/|api/)' \
    -r $folders --include='*.[ch]' --include='*.def'; then
    status=1
fi
# shellcheck disable=SC2046,SC2044,SC2086
for file in $(find $folders -name '*.c'); do
    cc -std=gnu11 -fsyntax-only -Wall -Wextra -Wno-unused-parameter -Wno-sign-compare -Werror \
        -Isrc $(pkg-config --cflags jansson libpcre2-8 libcrypto) "$file" || status=1
done
exit $status
