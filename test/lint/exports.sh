# workflow.so exports what src/workflow.map says and nothing else: PostgreSQL 15 hides no symbol by itself, and a global
# function of ours could be bound to another library's call, or the other way round.
extra=$(nm -D --defined-only "$so" | awk '{print $3}' | sed 's/@.*//' |
    grep -vE '^(_PG_init|Pg_magic_func|pg_finfo_.*|workflow_.*)$' || true)
[ -z "$extra" ] || { echo "exported: $extra"; exit 1; }
nm -D --defined-only "$so" | grep ' _PG_init$' > /dev/null || { echo "_PG_init is not exported"; exit 1; }
