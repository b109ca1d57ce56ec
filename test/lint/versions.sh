# What differs between PostgreSQL's versions is known to pg/compat.h: here they are built with one version alone, and a macro
# that another has moved to a header of its own would be missed there only.
status=0
# shellcheck disable=SC2046
for file in $(grep -rlE '\bVAR(SIZE|DATA|ATT)_?[A-Z0-9_]*\(' src --include='*.c' --include='*.h'); do
    [ "$file" = src/pg/compat.h ] || grep -q '^#include "pg/compat.h"' "$file" || { echo "$file: VARSIZE() and the like need pg/compat.h"; status=1; }
done
exit $status
